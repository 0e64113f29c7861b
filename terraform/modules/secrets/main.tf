locals {
  grants = merge([for name, secret in var.secrets : { for reader, email in secret.readers : "${name} ${reader}" => { secret = name, email = email } }]...)
}

resource "google_secret_manager_secret" "this" {
  for_each            = var.secrets
  secret_id           = "${var.prefix}-${each.key}"
  labels              = var.labels
  deletion_protection = true
  # A version that was destroyed by mistake can be taken back for a week.
  version_destroy_ttl = "604800s"

  replication {
    dynamic "auto" {
      for_each = var.replica_region == null ? [1] : []
      content {
        dynamic "customer_managed_encryption" {
          for_each = var.kms_key_name == null ? [] : [var.kms_key_name]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
    dynamic "user_managed" {
      for_each = var.replica_region == null ? [] : [var.replica_region]
      content {
        replicas {
          location = user_managed.value
          dynamic "customer_managed_encryption" {
            for_each = var.kms_key_name == null ? [] : [var.kms_key_name]
            content {
              kms_key_name = customer_managed_encryption.value
            }
          }
        }
      }
    }
  }
}

# Write-only: Terraform hands the value to Google and forgets it. A new number makes a new version; revisions name the number
# that they were made with, so that a rollback finds the secret it knew.
resource "google_secret_manager_secret_version" "this" {
  for_each               = var.secrets
  secret                 = google_secret_manager_secret.this[each.key].id
  secret_data_wo         = var.values[each.key]
  secret_data_wo_version = each.value.version
  deletion_policy        = "DISABLE"
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each  = local.grants
  secret_id = google_secret_manager_secret.this[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${each.value.email}"
}
