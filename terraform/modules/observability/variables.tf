variable "project_id" {
  description = "The project that is watched."
  type        = string
}

variable "service" {
  description = "The service's name."
  type        = string
}

variable "region" {
  description = "The region that serves."
  type        = string
}

variable "url" {
  description = "Where the service answers; the uptime check asks its /health."
  type        = string
  validation {
    condition     = can(regex("^https://[^/]+$", var.url))
    error_message = "url must be https://HOST without a path."
  }
}

variable "probe_with_identity" {
  description = "Whether the uptime check proves who it is, as a service that isn't public asks for."
  type        = bool
}

variable "alert_emails" {
  description = "Who is told, by email."
  type        = list(string)
  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for email in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", email))])
    error_message = "alert_emails must name at least one email address: an alert that reaches nobody isn't one."
  }
}

variable "availability_goal" {
  description = "The share of requests that must not fail by our fault, such as 0.999."
  type        = number
  default     = 0.999
  validation {
    condition     = var.availability_goal >= 0.9 && var.availability_goal <= 0.9999
    error_message = "availability_goal must be from 0.9 to 0.9999."
  }
}

variable "latency_ms" {
  description = "The time in which latency_goal of the requests must be answered, in milliseconds."
  type        = number
  default     = 500
}

variable "latency_goal" {
  description = "The share of requests that must be answered in latency_ms."
  type        = number
  default     = 0.95
}

variable "log_retention_days" {
  description = "How long logs are kept, in days."
  type        = number
  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 3650
    error_message = "log_retention_days must be from 30 to 3650."
  }
}

variable "monthly_budget" {
  description = "What a month may cost before somebody is told, in the billing account's currency; null for no budget."
  type        = number
  default     = null
}

variable "billing_account" {
  description = "The billing account of the budget; needed with monthly_budget."
  type        = string
  default     = null
  validation {
    condition     = var.monthly_budget == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "monthly_budget needs billing_account, such as 012345-6789AB-CDEF01."
  }
}

variable "labels" {
  description = "Labels of everything in this module."
  type        = map(string)
  default     = {}
}
