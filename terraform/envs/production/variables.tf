# What each means, and what it must look like, stands in modules/environment/variables.tf; a mistake is told from there.

variable "project_id" {
  description = "The project of production."
  type        = string
}

variable "region" {
  description = "The region that everything is in."
  type        = string
  default     = "europe-west1"
}

variable "profile" {
  description = "smallest or hardened."
  type        = string
  default     = "hardened"
}

variable "image" {
  description = "The first image, by digest; later ones are the pipeline's."
  type        = string
}

variable "repository_id" {
  description = "The repository's number at GitHub."
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
  description = "The key that signs cookies and forms: export TF_VAR_session_key=\"$(openssl rand -base64 32)\"."
  type        = string
  sensitive   = true
  ephemeral   = true
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
