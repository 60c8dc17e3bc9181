# The zone that everything else lies in. Apart from the site, since it outlives it: the provider makes zones and does not delete them.
terraform {
  required_providers {
    akamai = { source = "akamai/akamai" }
  }
}

variable "edgerc" { type = string }
variable "section" { default = "terraform" }
variable "group_name" { type = string }
variable "zone" { default = "pipeline.example" }

provider "akamai" {
  edgerc         = var.edgerc
  config_section = var.section
}

data "akamai_contract" "this" {
  group_name = var.group_name
}

data "akamai_group" "this" {
  group_name  = var.group_name
  contract_id = data.akamai_contract.this.id
}

resource "akamai_dns_zone" "this" {
  contract       = data.akamai_contract.this.id
  group          = data.akamai_group.this.id
  zone           = var.zone
  type           = "primary"
  comment        = "kept by the pipeline"
  sign_and_serve = false
}
