# The zone that everything else lies in. Apart from the site, since it outlives it: the provider makes zones and does not delete them.
terraform {
  required_providers {
    akamai = { source = "akamai/akamai" }
  }
}

variable "edgerc" { type = string }
variable "section" { default = "terraform" }
variable "contract_id" { type = string }
variable "group_id" { type = string }
variable "zone" { type = string }
# Of environments/NAME.tfvars, which the site shares.
variable "change_management" { type = bool }

provider "akamai" {
  edgerc         = var.edgerc
  config_section = var.section
}

resource "akamai_dns_zone" "this" {
  contract       = var.contract_id
  group          = var.group_id
  zone           = var.zone
  type           = "primary"
  comment        = "kept by the pipeline"
  sign_and_serve = false
}
