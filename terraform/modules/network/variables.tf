variable "region" {
  description = "The region of the subnet: one that has Cloud Run."
  type        = string
  validation {
    # A typing error would only show after the network was made; this list only ever grows.
    condition = contains([
      "africa-south1", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2", "asia-northeast3", "asia-south1", "asia-south2",
      "asia-southeast1", "asia-southeast2", "australia-southeast1", "australia-southeast2", "europe-central2", "europe-north1", "europe-north2",
      "europe-southwest1", "europe-west1", "europe-west10", "europe-west12", "europe-west2", "europe-west3", "europe-west4", "europe-west6",
      "europe-west8", "europe-west9", "me-central1", "me-central2", "me-west1", "northamerica-northeast1", "northamerica-northeast2",
      "northamerica-south1", "southamerica-east1", "southamerica-west1", "us-central1", "us-east1", "us-east4", "us-east5", "us-south1", "us-west1",
      "us-west2", "us-west3", "us-west4",
    ], var.region)
    error_message = "Cloud Run is not known in region \"${var.region}\": take one of its regions, such as europe-west1."
  }
}

variable "name" {
  description = "What the network's parts are named after, such as todo-production."
  type        = string
  validation {
    condition     = can(regex("^[a-z][-a-z0-9]{1,40}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 42 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "cidr" {
  description = "The range of the subnet from which the service reaches its database; Cloud Run wants at least a /26."
  type        = string
  default     = "10.8.0.0/24"
  validation {
    condition     = can(cidrhost(var.cidr, 0)) && try(tonumber(split("/", var.cidr)[1]) <= 26, false)
    error_message = "cidr must be an IPv4 range of /26 or larger, such as 10.8.0.0/24."
  }
}

variable "flow_log_sampling" {
  description = "The share of connections that flow logs keep, 0 to 1."
  type        = number
  default     = 0.1
  validation {
    condition     = var.flow_log_sampling > 0 && var.flow_log_sampling <= 1
    error_message = "flow_log_sampling must be above 0 and at most 1: without flow logs nobody can tell afterwards who talked to whom."
  }
}
