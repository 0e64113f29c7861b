variable "name" {
  description = "The service's name."
  type        = string
  validation {
    condition     = can(regex("^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 49 lower-case letters, digits and hyphens, and begin with a letter, as Cloud Run demands."
  }
}

variable "region" {
  description = "The region that serves."
  type        = string
}

variable "image" {
  description = "The image of the first revision and of the migration job, by digest. The pipeline replaces it; Terraform doesn't look at it again."
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must end with @sha256:DIGEST: what a tag names can change between two applies."
  }
}

variable "runtime" {
  description = "The email address of the account that the service runs as."
  type        = string
}

variable "migrator" {
  description = "The email address of the account that the migration job runs as."
  type        = string
}

variable "deployer" {
  description = "The email address of the account that makes revisions and moves traffic."
  type        = string
}

variable "subnetwork" {
  description = "The subnet that instances join."
  type        = string
}

variable "network" {
  description = "The network of that subnet."
  type        = string
}

variable "environment_variables" {
  description = "Settings of the service that aren't secret."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for name in keys(var.environment_variables) : !can(regex("(?i)(password|secret|token|private_?key)", name))])
    error_message = "A variable whose name says password, secret, token or private key belongs into secrets: what stands here is in the state and in every revision's description."
  }
}

variable "migration_variables" {
  description = "Settings of the migration job, where they differ from the service's."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Environment variables whose values are secrets: the secret's id and the number of its version. \"latest\" is refused, for a rollback must find the secret that the revision knew."
  type        = map(object({ secret = string, version = string }))
  default     = {}
  validation {
    condition     = alltrue([for secret in values(var.secrets) : can(regex("^[1-9][0-9]*$", secret.version))])
    error_message = "A secret's version must be a number, not \"latest\": a rollback must find the secret that the revision knew."
  }
}

variable "public" {
  description = "Whether everybody may call the service."
  type        = bool
  default     = false
}

variable "invokers" {
  description = "Who else may call it, as members of an IAM policy under names of their own."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for member in values(var.invokers) : !contains(["allUsers", "allAuthenticatedUsers"], member)])
    error_message = "To let everybody call the service set public = true, so that it is seen."
  }
}

variable "ingress" {
  description = "Where requests may come from."
  type        = string
  default     = "INGRESS_TRAFFIC_ALL"
  validation {
    condition     = contains(["INGRESS_TRAFFIC_ALL", "INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"], var.ingress)
    error_message = "ingress must be INGRESS_TRAFFIC_ALL, INGRESS_TRAFFIC_INTERNAL_ONLY or INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER."
  }
}

variable "min_instances" {
  description = "How many instances are always there; 0 lets the service sleep."
  type        = number
  validation {
    condition     = var.min_instances >= 0 && var.min_instances <= var.max_instances
    error_message = "min_instances must be from 0 to max_instances."
  }
}

variable "max_instances" {
  description = "How many there are at most: what a flood may cost."
  type        = number
  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 100
    error_message = "max_instances must be from 1 to 100."
  }
}

variable "concurrency" {
  description = "How many requests an instance answers at a time."
  type        = number
  default     = 80
  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000
    error_message = "concurrency must be from 1 to 1000."
  }
}

variable "memory" {
  description = "An instance's memory."
  type        = string
  default     = "512Mi"
  validation {
    condition     = can(regex("^[0-9]+(Mi|Gi)$", var.memory))
    error_message = "memory must be a number of Mi or Gi, such as 512Mi."
  }
}

variable "enforce_admission" {
  description = "Whether Binary Authorization must admit each revision."
  type        = bool
}

variable "kms_key_name" {
  description = "The key that encrypts the image on the instances; null for Google's own."
  type        = string
  default     = null
}

variable "labels" {
  description = "Labels of everything in this module."
  type        = map(string)
  default     = {}
}
