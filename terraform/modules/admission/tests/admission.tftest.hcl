mock_provider "google" {
  override_during = plan
  mock_resource "google_kms_crypto_key" {
    defaults = { id = "projects/p/locations/l/keyRings/r/cryptoKeys/decision" }
  }
}

variables {
  project_id = "example-project"
  region     = "europe-west1"
  name       = "todo-production"
  attestor   = "attestor@example-project.iam.gserviceaccount.com"
}

run "a_revision_without_our_signature_is_refused" {
  command = plan
  assert {
    condition     = google_binary_authorization_policy.this.default_admission_rule[0].evaluation_mode == "REQUIRE_ATTESTATION"
    error_message = "Every image needs an attestation."
  }
  assert {
    condition     = google_binary_authorization_policy.this.default_admission_rule[0].enforcement_mode == "ENFORCED_BLOCK_AND_AUDIT_LOG"
    error_message = "What has none is refused, not only noted."
  }
  assert {
    condition     = google_binary_authorization_policy.this.default_admission_rule[0].require_attestations_by == toset(["todo-production-decision"])
    error_message = "The attestation is our attestor's."
  }
  assert {
    condition     = length(google_binary_authorization_policy.this.admission_whitelist_patterns) == 0
    error_message = "No image is let in by its name."
  }
  assert {
    condition     = length(google_binary_authorization_policy.this.cluster_admission_rules) == 0
    error_message = "No cluster has a rule of its own."
  }
  assert {
    condition     = google_binary_authorization_policy.this.project == "example-project"
    error_message = "The policy is the project's."
  }
  assert {
    condition     = google_binary_authorization_policy.this.global_policy_evaluation_mode == "ENABLE"
    error_message = "Google's own system images are judged by Google's policy."
  }
  assert {
    condition     = google_org_policy_policy.binary_authorization.name == "projects/example-project/policies/run.allowedBinaryAuthorizationPolicies" && google_org_policy_policy.binary_authorization.spec[0].rules[0].values[0].allowed_values == tolist(["default"])
    error_message = "Who deploys can't switch it off in the revision."
  }
}

run "the_key_only_signs_and_only_the_deciding_job_uses_it" {
  command = plan
  assert {
    condition     = google_kms_crypto_key.decision.purpose == "ASYMMETRIC_SIGN" && google_kms_crypto_key.decision.version_template[0].algorithm == "EC_SIGN_P256_SHA256"
    error_message = "The key signs."
  }
  assert {
    condition     = google_kms_crypto_key.decision.version_template[0].protection_level == "SOFTWARE"
    error_message = "The protection is what was asked."
  }
  assert {
    condition     = google_kms_crypto_key.decision.destroy_scheduled_duration == "2592000s"
    error_message = "A key that was destroyed can be taken back for 30 days."
  }
  assert {
    condition     = google_kms_crypto_key_iam_member.signer.role == "roles/cloudkms.signer" && google_kms_crypto_key_iam_member.signer.member == "serviceAccount:attestor@example-project.iam.gserviceaccount.com"
    error_message = "The deciding job signs, and cannot manage the key."
  }
  assert {
    condition     = google_kms_crypto_key_iam_member.public_key.role == "roles/cloudkms.publicKeyViewer" && google_kms_crypto_key_iam_member.public_key.member == google_kms_crypto_key_iam_member.signer.member
    error_message = "It reads the public half."
  }
}

run "the_attestor_knows_the_key" {
  command = plan
  assert {
    condition     = google_binary_authorization_attestor.decision.attestation_authority_note[0].note_reference == google_container_analysis_note.decision.name
    error_message = "Attestations hang on our note."
  }
  assert {
    condition     = google_binary_authorization_attestor.decision.attestation_authority_note[0].public_keys[0].id == "//cloudkms.googleapis.com/v1/projects/p/locations/l/keyRings/r/cryptoKeys/decision/cryptoKeyVersions/1"
    error_message = "The attestor's key is named by its version."
  }
  assert {
    condition     = google_binary_authorization_attestor.decision.attestation_authority_note[0].public_keys[0].pkix_public_key[0].signature_algorithm == "EC_SIGN_P256_SHA256"
    error_message = "The attestor's key is the one that signs."
  }
  assert {
    condition     = google_container_analysis_note_iam_member.attacher.role == "roles/containeranalysis.notes.attacher" && google_container_analysis_note_iam_member.attacher.member == "serviceAccount:attestor@example-project.iam.gserviceaccount.com"
    error_message = "Only the deciding job hangs attestations on the note."
  }
  assert {
    condition     = google_project_iam_member.occurrences.role == "roles/containeranalysis.occurrences.editor" && google_project_iam_member.occurrences.member == "serviceAccount:attestor@example-project.iam.gserviceaccount.com"
    error_message = "Only the deciding job writes occurrences."
  }
  assert {
    condition     = output.kms_key_version == "projects/p/locations/l/keyRings/r/cryptoKeys/decision/cryptoKeyVersions/1"
    error_message = "The pipeline is told the version that signs."
  }
}

run "hardware_keeps_the_key_where_asked" {
  command = plan
  variables {
    protection_level = "HSM"
  }
  assert {
    condition     = google_kms_crypto_key.decision.version_template[0].protection_level == "HSM"
    error_message = "The private key stays in hardware."
  }
}

run "another_protection_is_refused" {
  command = plan
  variables {
    protection_level = "EXTERNAL"
  }
  expect_failures = [var.protection_level]
}
