# A site of a shop: its pages under a DV certificate, its API under one from the shop's own certificate authority.
terraform {
  required_providers {
    akamai = { source = "akamai/akamai" }
    tls    = { source = "hashicorp/tls" }
  }
}

# Of environments/NAME.tfvars; the account comes with the edgerc (account_key).
variable "edgerc" { type = string }
variable "section" { default = "terraform" }
variable "contract_id" { type = string }
variable "group_id" { type = string }
variable "zone" { type = string }
variable "change_management" { type = bool }
# Said by whoever has looked at the staging network.
variable "acknowledged" { default = false }

provider "akamai" {
  edgerc         = var.edgerc
  config_section = var.section
}

locals {
  person = {
    first_name       = "Ada"
    last_name        = "Example"
    phone            = "+1 617 555 0100"
    email            = "ada@example.com"
    address_line_one = "1 Example Street"
    city             = "Cambridge"
    region           = "MA"
    postal_code      = "02142"
    country_code     = "US"
    organization     = "Example"
  }
}
