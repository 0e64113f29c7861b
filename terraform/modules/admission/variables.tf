variable "project_id" {
  description = "The project whose revisions are admitted."
  type        = string
}

variable "region" {
  description = "The region of the signing key."
  type        = string
}

variable "name" {
  description = "What the attestor and its key are named after, such as todo-production."
  type        = string
}

variable "attestor" {
  description = "The email address of the only account that may sign: that of the deciding job."
  type        = string
}


variable "protection_level" {
  description = "SOFTWARE or HSM: where the private key lives."
  type        = string
  default     = "SOFTWARE"
  validation {
    condition     = contains(["SOFTWARE", "HSM"], var.protection_level)
    error_message = "protection_level must be SOFTWARE or HSM."
  }
}

variable "labels" {
  description = "Labels of everything in this module."
  type        = map(string)
  default     = {}
}
