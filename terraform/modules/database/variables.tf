variable "name" {
  description = "The instance's name. Google keeps a deleted instance's name for a week."
  type        = string
  validation {
    condition     = can(regex("^[a-z][-a-z0-9]{0,83}[a-z0-9]$", var.name))
    error_message = "name must be lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "region" {
  description = "The region of the instance: that of the service."
  type        = string
}

variable "database" {
  description = "The name of the database."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,63}$", var.database))
    error_message = "database must be at most 64 lower-case letters, digits and underscores, and begin with a letter."
  }
}

variable "database_version" {
  description = "MySQL's version."
  type        = string
  default     = "MYSQL_8_4"
  validation {
    condition     = contains(["MYSQL_8_0", "MYSQL_8_4"], var.database_version)
    error_message = "database_version must be MYSQL_8_4 or MYSQL_8_0."
  }
}

variable "network" {
  description = "The id of the network in which the instance has its only address."
  type        = string
}

variable "services_range" {
  description = "The name of the range that the address is taken from."
  type        = string
}

variable "users" {
  description = "The service accounts that are users of the database, by email address under names of their own. They come by IAM; there is no password."
  type        = map(string)
}

variable "tier" {
  description = "The machine type."
  type        = string
  default     = "db-custom-1-3840"
}

variable "high_availability" {
  description = "Whether a second zone takes over when the first is lost."
  type        = bool
}

variable "retained_backups" {
  description = "How many daily backups are kept."
  type        = number
  default     = 14
  validation {
    condition     = var.retained_backups >= 7
    error_message = "retained_backups must be at least 7: what was lost on a Friday is often missed on a Monday."
  }
}

variable "disk_limit_gb" {
  description = "How far the disk may grow by itself, in GB: what an attack may cost at most."
  type        = number
  default     = 50
  validation {
    condition     = var.disk_limit_gb >= 10
    error_message = "disk_limit_gb must be at least 10."
  }
}

variable "kms_key_name" {
  description = "The key that encrypts the disk; null for Google's own."
  type        = string
  default     = null
}

variable "labels" {
  description = "Labels of everything in this module."
  type        = map(string)
  default     = {}
}
