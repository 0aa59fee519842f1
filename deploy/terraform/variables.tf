variable "project" {
  description = "The project everything lives in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project id: 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  description = "Where the job runs and the bucket lies."
  type        = string
  default     = "europe-west1"
}

variable "bucket" {
  description = "Name of the bucket that holds the dataset."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "A bucket name: 3 to 63 lower-case letters, digits, dots, hyphens and underscores."
  }
}

variable "prefix" {
  description = "Prefix of the dataset within the bucket, without a slash at either end."
  type        = string
  default     = "sahel"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*$", var.prefix))
    error_message = "One path component of letters, digits, dots, hyphens and underscores."
  }
}

variable "contact" {
  description = "Web or mail address for the User-Agent: whom the publishers may write to."
  type        = string

  validation {
    condition     = can(regex("^(https?://[!-~]{4,200}|[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\\.[A-Za-z]{2,24})$", var.contact))
    error_message = "An https:// or http:// address, or a mail address."
  }
}

variable "image_tag" {
  description = "Tag of the image in the registry; the version of sahelwatch that was built."
  type        = string
}

variable "feeds" {
  description = "The catalogue: gs://bucket/object (edited without a new job), or the one in the image."
  type        = string
  default     = "/opt/sahelwatch/feeds.yaml"
}

variable "readers" {
  description = "Who may read the published records, for instance group:analysts@example.org. Never texts, archive, state."
  type        = list(string)
  default     = []
}

variable "text_readers" {
  description = "Who may read full texts and archived pages as well."
  type        = list(string)
  default     = []
}

variable "operators" {
  description = "Who may start, drain and update the job."
  type        = list(string)
  default     = []
}

variable "notification_channels" {
  description = "Channels of Cloud Monitoring that alarms go to."
  type        = list(string)
  default     = []
}

variable "exporter" {
  description = "Whether a small service exports the dataset's figures; without it the PromQL alarms are not created."
  type        = bool
  default     = true
}

variable "machine_type" {
  description = "Machine type of the Dataflow workers."
  type        = string
  default     = "n2d-standard-2"
}

variable "max_workers" {
  description = "Workers the job may grow to; deploy/SCALING.md says what is needed."
  type        = number
  default     = 2

  validation {
    condition     = var.max_workers >= 1 && var.max_workers <= 100
    error_message = "From 1 to 100."
  }
}

variable "lanes" {
  description = "Into how many parts the hosts are divided (--lanes)."
  type        = number
  default     = 8
}

variable "retention_days" {
  description = <<-EOT
    How many days objects are kept, by first component of their name. `sahelwatch expire` removes them, by a manifest
    that says so; the bucket's own rules come `backstop_days` later and see to it that a promise of deletion holds even
    when nobody runs that. Manifests, state, contract, exports and compact/ are not in the list: what is in them is named
    by something that lives, and a rule that only knows ages would take it away.
  EOT
  type        = map(number)
  default = {
    texts    = 400
    archive  = 90
    rejects  = 90
    feeds    = 90
    articles = 730
    stories  = 730
    events   = 730
  }

  validation {
    condition     = alltrue([for kind in ["articles", "stories", "events"] : lookup(var.retention_days, kind, 730) >= 45])
    error_message = "articles, stories and events are read back for 45 days by the exports."
  }
}

variable "backstop_days" {
  description = "Days after its retention when the bucket itself deletes an object that `sahelwatch expire` has not."
  type        = number
  default     = 30
}
