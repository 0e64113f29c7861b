module "environment" {
  source      = "../../modules/environment"
  environment = "production"
  profile     = var.profile

  project_id             = var.project_id
  region                 = var.region
  image                  = var.image
  repository_id          = var.repository_id
  workload_identity_pool = var.workload_identity_pool
  state_bucket           = var.state_bucket
  public                 = var.public
  alert_emails           = var.alert_emails
  session_key            = var.session_key
  session_key_version    = var.session_key_version
  monthly_budget         = var.monthly_budget
  billing_account        = var.billing_account
}
