variable "prefix" {
  description = "What the secrets' names begin with, such as todo-production."
  type        = string
}

variable "secrets" {
  description = "Each secret by its short name: the number of its newest version (raise it to write a new one) and who may read it, by service accounts' email addresses under names of their own."
  type = map(object({
    version = number
    readers = map(string)
  }))
  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[a-z][-a-z0-9]{0,61}[a-z0-9]$", name))])
    error_message = "A secret's name must be 2 to 63 lower-case letters, digits and hyphens, and begin with a letter."
  }
  validation {
    condition     = alltrue([for secret in values(var.secrets) : secret.version >= 1 && floor(secret.version) == secret.version])
    error_message = "A secret's version must be a whole number from 1."
  }
}

variable "values" {
  description = "The secrets' values by the same names. They are written and never kept: neither plan nor state holds them."
  type        = map(string)
  ephemeral   = true
}

variable "replica_region" {
  description = "The only region that keeps the secrets; null lets Google choose."
  type        = string
  default     = null
}

variable "kms_key_name" {
  description = "The key that encrypts the secrets; null for Google's own."
  type        = string
  default     = null
}

variable "labels" {
  description = "Labels of everything in this module."
  type        = map(string)
  default     = {}
}
