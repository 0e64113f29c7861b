# One environment, put together. The two profiles differ in this table and nowhere else.

locals {
  prefix = "${var.service}-${var.environment}"
  labels = merge(var.labels, { service = var.service, environment = var.environment, managed-by = "terraform" })
  profiles = {
    smallest = {
      high_availability  = false, tier = "db-f1-micro", retained_backups = 7, disk_limit_gb = 20
      min_instances      = 0, max_instances = 3, memory = "512Mi"
      own_keys           = false, protection_level = "SOFTWARE"
      log_retention_days = 30, rollback_window = 10, flow_log_sampling = 0.1
    }
    hardened = {
      high_availability  = true, tier = "db-custom-1-3840", retained_backups = 30, disk_limit_gb = 100
      min_instances      = 2, max_instances = 20, memory = "1Gi"
      own_keys           = true, protection_level = "HSM"
      log_retention_days = 400, rollback_window = 30, flow_log_sampling = 0.5
    }
  }
  profile = local.profiles[var.profile]
  # Who may call a service that isn't public: the pipeline's probe comes as the deployer.
  callers = { deployer = module.identity.members["deployer"] }
  key     = local.profile.own_keys ? google_kms_crypto_key.data[0].id : null
  # Google's own accounts that read and write on our behalf, and so must use our key.
  service_agents = local.profile.own_keys ? {
    registry = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    run      = "serviceAccount:service-${data.google_project.this.number}@serverless-robot-prod.iam.gserviceaccount.com"
    secrets  = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-secretmanager.iam.gserviceaccount.com"
    sql      = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-cloud-sql.iam.gserviceaccount.com"
  } : {}
}

data "google_project" "this" {
  project_id = var.project_id
}

resource "google_kms_key_ring" "data" {
  count    = local.profile.own_keys ? 1 : 0
  name     = "${local.prefix}-data"
  location = var.region
}

resource "google_kms_crypto_key" "data" {
  count                      = local.profile.own_keys ? 1 : 0
  name                       = "data"
  key_ring                   = google_kms_key_ring.data[0].id
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = "7776000s"
  destroy_scheduled_duration = "2592000s"
  labels                     = local.labels

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = local.profile.protection_level
  }
  lifecycle {
    prevent_destroy = true
  }
}

resource "google_kms_crypto_key_iam_member" "service_agent" {
  for_each      = local.service_agents
  crypto_key_id = google_kms_crypto_key.data[0].id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
}

module "network" {
  source            = "../network"
  name              = local.prefix
  region            = var.region
  flow_log_sampling = local.profile.flow_log_sampling
}

module "identity" {
  source                 = "../identity"
  project_id             = var.project_id
  service                = var.service
  environment            = var.environment
  workload_identity_pool = var.workload_identity_pool
  repository_id          = var.repository_id
  database_instance      = "${local.prefix}-db"
  state_bucket           = var.state_bucket
}

module "registry" {
  source          = "../registry"
  project_id      = var.project_id
  region          = var.region
  repository_id   = local.prefix
  writers         = { pusher = module.identity.emails["pusher"] }
  readers         = { deployer = module.identity.emails["deployer"], attestor = module.identity.emails["attestor"] }
  rollback_window = local.profile.rollback_window
  kms_key_name    = local.key
  labels          = local.labels
  depends_on      = [google_kms_crypto_key_iam_member.service_agent]
}

module "secrets" {
  source         = "../secrets"
  prefix         = local.prefix
  secrets        = { session-key = { version = var.session_key_version, readers = { runtime = module.identity.emails["runtime"] } } }
  values         = { session-key = var.session_key }
  replica_region = var.region
  kms_key_name   = local.key
  labels         = local.labels
  depends_on     = [google_kms_crypto_key_iam_member.service_agent]
}

module "database" {
  source            = "../database"
  name              = "${local.prefix}-db"
  region            = var.region
  database          = replace(var.service, "-", "_")
  network           = module.network.network
  services_range    = module.network.services_range
  users             = { runtime = module.identity.emails["runtime"], migrator = module.identity.emails["migrator"] }
  tier              = local.profile.tier
  high_availability = local.profile.high_availability
  retained_backups  = local.profile.retained_backups
  disk_limit_gb     = local.profile.disk_limit_gb
  kms_key_name      = local.key
  labels            = local.labels
  depends_on        = [google_kms_crypto_key_iam_member.service_agent]
}

module "service" {
  source     = "../service"
  name       = local.prefix
  region     = var.region
  image      = var.image
  runtime    = module.identity.emails["runtime"]
  migrator   = module.identity.emails["migrator"]
  deployer   = module.identity.emails["deployer"]
  network    = module.network.network
  subnetwork = module.network.subnetwork
  public     = var.public
  invokers   = var.public ? {} : local.callers
  environment_variables = {
    CLOUD_SQL_INSTANCE   = module.database.connection_name
    CLOUD_SQL_IP         = "private"
    DATABASE             = "mysql://${module.database.users["runtime"]}@/${module.database.database}"
    GOOGLE_CLOUD_PROJECT = var.project_id
  }
  migration_variables = { DATABASE = "mysql://${module.database.users["migrator"]}@/${module.database.database}" }
  secrets             = { SESSION_KEY = { secret = module.secrets.secrets["session-key"].secret, version = tostring(var.session_key_version) } }
  min_instances       = local.profile.min_instances
  max_instances       = local.profile.max_instances
  memory              = local.profile.memory
  enforce_admission   = true
  kms_key_name        = local.key
  labels              = local.labels
  depends_on          = [google_kms_crypto_key_iam_member.service_agent, module.admission]
}

module "admission" {
  source           = "../admission"
  project_id       = var.project_id
  region           = var.region
  name             = local.prefix
  attestor         = module.identity.emails["attestor"]
  protection_level = local.profile.protection_level
  labels           = local.labels
}

module "observability" {
  source              = "../observability"
  project_id          = var.project_id
  service             = module.service.name
  region              = var.region
  url                 = module.service.url
  probe_with_identity = !var.public
  alert_emails        = var.alert_emails
  log_retention_days  = local.profile.log_retention_days
  monthly_budget      = var.monthly_budget
  billing_account     = var.billing_account
  labels              = local.labels
}
