terraform {
  required_version = ">= 1.11"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50.0, < 8.0.0"
    }
  }
  # The first apply has no bucket to keep its state in: it makes it. Then: terraform init -migrate-state -backend-config=bucket=BUCKET
  backend "gcs" {
    prefix = "bootstrap"
  }
}

provider "google" {
  project               = var.project_id
  region                = var.region
  user_project_override = true
}
