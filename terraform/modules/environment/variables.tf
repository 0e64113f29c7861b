variable "project_id" {
  description = "The project of this environment. Each environment has its own: Binary Authorization and quotas are a project's."
  type        = string
  validation {
    condition     = can(regex("^[a-z][-a-z0-9]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be 6 to 30 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen. It is the project's id, not its name: gcloud projects list prints it."
  }
}

variable "region" {
  description = "The region that everything is in."
  type        = string
}

variable "environment" {
  description = "staging or production, as GitHub's environment is called."
  type        = string
}

variable "service" {
  description = "The service's name."
  type        = string
  default     = "todo"
}

variable "profile" {
  description = "smallest: sleeps when nobody calls, one zone, Google's own keys. hardened: always awake, two zones, keys of our own in hardware, longer memory."
  type        = string
  validation {
    condition     = contains(["smallest", "hardened"], var.profile)
    error_message = "profile must be smallest or hardened."
  }
}

variable "image" {
  description = "The first image, by digest: one that the pipeline pushed. Later ones are the pipeline's."
  type        = string
}

variable "repository_id" {
  description = "The repository's number at GitHub: gh api repos/OWNER/NAME --jq .id."
  type        = string
}

variable "workload_identity_pool" {
  description = "bootstrap's output of that name."
  type        = string
}

variable "state_bucket" {
  description = "bootstrap's output of that name."
  type        = string
}

variable "public" {
  description = "Whether everybody may call the service."
  type        = bool
  default     = false
}

variable "alert_emails" {
  description = "Who is told when something is wrong."
  type        = list(string)
}

variable "session_key" {
  description = "The key that signs cookies and forms, at least 32 bytes: openssl rand -base64 32. Written to Secret Manager, kept nowhere else."
  type        = string
  sensitive   = true
  ephemeral   = true
  validation {
    condition     = length(var.session_key) >= 32
    error_message = "session_key must have at least 32 characters: openssl rand -base64 32."
  }
}

variable "session_key_version" {
  description = "Raise it by one to write a new session key."
  type        = number
  default     = 1
}

variable "monthly_budget" {
  description = "What a month may cost before somebody is told; null for no budget."
  type        = number
  default     = null
}

variable "billing_account" {
  description = "The billing account of the budget."
  type        = string
  default     = null
}

variable "labels" {
  description = "Further labels of everything."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][-_a-z0-9]{0,62}$", key)) && can(regex("^[-_a-z0-9]{0,63}$", value))])
    error_message = "Labels are lower-case letters, digits, hyphens and underscores, at most 63, and a key begins with a letter."
  }
}
