# What admits a revision where it is made: without a signature of the deciding job's key over the image's digest, Cloud Run refuses it,
# whoever asks and by whatever tool.

resource "google_kms_key_ring" "this" {
  name     = var.name
  location = var.region
}

resource "google_kms_crypto_key" "decision" {
  name                       = "decision"
  key_ring                   = google_kms_key_ring.this.id
  purpose                    = "ASYMMETRIC_SIGN"
  destroy_scheduled_duration = "2592000s"
  labels                     = var.labels

  version_template {
    algorithm        = "EC_SIGN_P256_SHA256"
    protection_level = var.protection_level
  }

  lifecycle {
    prevent_destroy = true
  }
}

# An asymmetric key doesn't rotate by itself: whoever makes a second version names it here, and keeps the first until its images are gone.
locals {
  version = "${google_kms_crypto_key.decision.id}/cryptoKeyVersions/1"
}

data "google_kms_crypto_key_version" "decision" {
  crypto_key = google_kms_crypto_key.decision.id
  version    = 1
}

resource "google_kms_crypto_key_iam_member" "signer" {
  crypto_key_id = google_kms_crypto_key.decision.id
  role          = "roles/cloudkms.signer"
  member        = "serviceAccount:${var.attestor}"
}

resource "google_kms_crypto_key_iam_member" "public_key" {
  crypto_key_id = google_kms_crypto_key.decision.id
  role          = "roles/cloudkms.publicKeyViewer"
  member        = "serviceAccount:${var.attestor}"
}

resource "google_container_analysis_note" "decision" {
  name = "${var.name}-decision"
  attestation_authority {
    hint {
      human_readable_name = "Shiplock allowed this image"
    }
  }
}

resource "google_container_analysis_note_iam_member" "attacher" {
  note   = google_container_analysis_note.decision.name
  role   = "roles/containeranalysis.notes.attacher"
  member = "serviceAccount:${var.attestor}"
}

resource "google_project_iam_member" "occurrences" {
  project = var.project_id
  role    = "roles/containeranalysis.occurrences.editor"
  member  = "serviceAccount:${var.attestor}"
}

resource "google_binary_authorization_attestor" "decision" {
  name = "${var.name}-decision"
  attestation_authority_note {
    note_reference = google_container_analysis_note.decision.name
    public_keys {
      id = "//cloudkms.googleapis.com/v1/${local.version}"
      pkix_public_key {
        public_key_pem      = data.google_kms_crypto_key_version.decision.public_key[0].pem
        signature_algorithm = google_kms_crypto_key.decision.version_template[0].algorithm
      }
    }
  }
}

# One policy a project: that is one reason why each environment has its own.
resource "google_binary_authorization_policy" "this" {
  project                       = var.project_id
  global_policy_evaluation_mode = "ENABLE"

  default_admission_rule {
    evaluation_mode         = "REQUIRE_ATTESTATION"
    enforcement_mode        = "ENFORCED_BLOCK_AND_AUDIT_LOG"
    require_attestations_by = [google_binary_authorization_attestor.decision.name]
  }
}

# Somebody who may deploy can switch enforcement off in the revision that they deploy; this forbids it for the whole project.
resource "google_org_policy_policy" "binary_authorization" {
  name   = "projects/${var.project_id}/policies/run.allowedBinaryAuthorizationPolicies"
  parent = "projects/${var.project_id}"
  spec {
    rules {
      values {
        allowed_values = ["default"]
      }
    }
  }
}
