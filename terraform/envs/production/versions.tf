terraform {
  required_version = ">= 1.11"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50.0, < 8.0.0"
    }
  }
  # terraform init -backend-config=bucket=BUCKET, bootstrap's output.
  backend "gcs" {
    prefix = "production"
  }
}

provider "google" {
  project               = var.project_id
  region                = var.region
  user_project_override = true
}
