variable "project_id" {
  description = "The project that the accounts belong to."
  type        = string
}

variable "service" {
  description = "The service's name, which the accounts' names begin with."
  type        = string
  validation {
    # An account's id has 6 to 30 characters, and the longest ending is "-production-migrator".
    condition     = can(regex("^[a-z]([-a-z0-9]{0,7}[a-z0-9])?$", var.service))
    error_message = "service must be 1 to 9 lower-case letters, digits and hyphens, and begin with a letter: the ids of its accounts have room for 30 characters."
  }
}

variable "environment" {
  description = "The environment's name, as GitHub knows it."
  type        = string
  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment must be staging or production."
  }
}

variable "workload_identity_pool" {
  description = "The full name of the pool that GitHub's tokens are exchanged in: projects/NUMBER/locations/global/workloadIdentityPools/ID, an output of bootstrap."
  type        = string
  validation {
    condition     = can(regex("^projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]{4,32}$", var.workload_identity_pool))
    error_message = "workload_identity_pool must be projects/NUMBER/locations/global/workloadIdentityPools/ID, as bootstrap's output has it."
  }
}

variable "repository_id" {
  description = "The repository's number at GitHub, which a rename doesn't change: gh api repos/OWNER/NAME --jq .id."
  type        = string
  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.repository_id))
    error_message = "repository_id must be the repository's number at GitHub, as gh api repos/OWNER/NAME --jq .id prints it, not its name."
  }
}

variable "deploy_ref" {
  description = "The only branch or tag whose jobs may deploy to this environment."
  type        = string
  default     = "refs/heads/main"
  validation {
    condition     = can(regex("^refs/(heads|tags)/[^*?\\[\\]\\s]+$", var.deploy_ref))
    error_message = "deploy_ref must be one whole ref, such as refs/heads/main: with a pattern anybody who can push a branch could deploy."
  }
}

variable "database_instance" {
  description = "The name of the database instance that the runtime and migrator accounts may connect to."
  type        = string
}

variable "state_bucket" {
  description = "The bucket that keeps Terraform's state, which the planner reads."
  type        = string
}
