resource "google_sql_database_instance" "this" {
  name                = var.name
  region              = var.region
  database_version    = var.database_version
  encryption_key_name = var.kms_key_name
  # Two protections: this one stops Terraform, deletion_protection_enabled stops everybody else.
  deletion_protection = true

  settings {
    tier                        = var.tier
    edition                     = "ENTERPRISE"
    availability_type           = var.high_availability ? "REGIONAL" : "ZONAL"
    deletion_protection_enabled = true
    retain_backups_on_delete    = true
    # Whoever connects comes by a connector, with an identity and TLS both ways; an address and a password aren't enough.
    connector_enforcement = "REQUIRED"
    disk_type             = "PD_SSD"
    disk_size             = 10
    disk_autoresize       = true
    disk_autoresize_limit = var.disk_limit_gb
    user_labels           = var.labels

    ip_configuration {
      ipv4_enabled                                  = false
      private_network                               = var.network
      allocated_ip_range                            = var.services_range
      enable_private_path_for_google_cloud_services = false
      ssl_mode                                      = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    }

    backup_configuration {
      enabled = true
      # MySQL goes back to a point in time by its binary log.
      binary_log_enabled             = true
      start_time                     = "03:00"
      location                       = var.region
      transaction_log_retention_days = 7
      backup_retention_settings {
        retained_backups = var.retained_backups
        retention_unit   = "COUNT"
      }
    }

    database_flags {
      name  = "cloudsql_iam_authentication"
      value = "on"
    }
    # LOAD DATA LOCAL lets a server read files of whoever connects to it.
    database_flags {
      name  = "local_infile"
      value = "off"
    }
    database_flags {
      name  = "skip_show_database"
      value = "on"
    }

    # For the users that people make by hand; the service's have no password.
    password_validation_policy {
      enable_password_policy      = true
      min_length                  = 16
      complexity                  = "COMPLEXITY_DEFAULT"
      disallow_username_substring = true
      reuse_interval              = 5
    }

    maintenance_window {
      day          = 7
      hour         = 4
      update_track = "stable"
    }

    insights_config {
      query_insights_enabled = true
      # Queries are kept with the page that asked, never with the client's address.
      record_application_tags = true
      record_client_address   = false
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_sql_database" "this" {
  name            = var.database
  instance        = google_sql_database_instance.this.name
  charset         = "utf8mb4"
  collation       = "utf8mb4_0900_ai_ci"
  deletion_policy = "ABANDON"
}

resource "google_sql_user" "this" {
  for_each        = var.users
  instance        = google_sql_database_instance.this.name
  name            = each.value
  type            = "CLOUD_IAM_SERVICE_ACCOUNT"
  deletion_policy = "ABANDON"
}
