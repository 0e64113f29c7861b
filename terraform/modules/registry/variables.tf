variable "project_id" {
  description = "The project that keeps the images."
  type        = string
}

variable "region" {
  description = "The region that keeps the images."
  type        = string
}

variable "repository_id" {
  description = "The name of the repository of images."
  type        = string
  validation {
    condition     = can(regex("^[a-z][-a-z0-9]{0,61}[a-z0-9]$", var.repository_id))
    error_message = "repository_id must be 2 to 63 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "writers" {
  description = "The service accounts (email addresses) that push images, each under a name of its own: the pusher, nobody else."
  type        = map(string)
}

variable "readers" {
  description = "The service accounts (email addresses) that pull images, each under a name of its own."
  type        = map(string)
  default     = {}
}

variable "rollback_window" {
  description = "How many images are kept whatever their age: at least as many as a rollback may go back to."
  type        = number
  default     = 20
  validation {
    condition     = var.rollback_window >= 5 && floor(var.rollback_window) == var.rollback_window
    error_message = "rollback_window must be a whole number of at least 5: an image that was cleaned up cannot be rolled back to."
  }
}

variable "keep_days" {
  description = "How many days an image beyond the rollback window is kept."
  type        = number
  default     = 90
  validation {
    condition     = var.keep_days >= 30
    error_message = "keep_days must be at least 30: what was running when something happened must still be there to be looked at."
  }
}

variable "kms_key_name" {
  description = "The key that encrypts the images; null for Google's own."
  type        = string
  default     = null
}

variable "labels" {
  description = "Labels of everything in this module."
  type        = map(string)
  default     = {}
}
