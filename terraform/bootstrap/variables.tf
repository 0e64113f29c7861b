variable "project_id" {
  description = "The project of this environment, which must exist and have billing. Run bootstrap once for each."
  type        = string
  validation {
    condition     = can(regex("^[a-z][-a-z0-9]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be 6 to 30 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen. It is the project's id, not its name: gcloud projects list prints it."
  }
}

variable "region" {
  description = "The region of the bucket that keeps Terraform's state."
  type        = string
}

variable "repository" {
  description = "The repository at GitHub, OWNER/NAME; it only makes the names readable, the numbers below decide."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.repository))
    error_message = "repository must be OWNER/NAME."
  }
}

variable "repository_id" {
  description = "The repository's number: gh api repos/OWNER/NAME --jq .id. A renamed repository keeps it; one that takes the old name doesn't have it."
  type        = string
  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.repository_id))
    error_message = "repository_id must be the repository's number, as gh api repos/OWNER/NAME --jq .id prints it."
  }
}

variable "repository_owner_id" {
  description = "The owner's number: gh api repos/OWNER/NAME --jq .owner.id."
  type        = string
  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.repository_owner_id))
    error_message = "repository_owner_id must be the owner's number, as gh api repos/OWNER/NAME --jq .owner.id prints it."
  }
}

variable "labels" {
  description = "Labels of everything."
  type        = map(string)
  default     = {}
}
