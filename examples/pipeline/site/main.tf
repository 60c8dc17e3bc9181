# A DV certificate whose names are validated by DNS records of the same provider.
terraform {
  required_providers {
    akamai = { source = "akamai/akamai" }
  }
}

variable "edgerc" { type = string }
variable "section" { default = "terraform" }
variable "group_name" { type = string }
variable "zone" { default = "pipeline.example" }

locals {
  common_name = "www.${var.zone}"
  sans        = ["api.${var.zone}"]
  # Known before anything is made, as for_each wants it. Apex and wildcard of one name would share a record set: put both values into one.
  names = toset(concat([local.common_name], local.sans))
  person = {
    first_name = "Ada"
    last_name  = "Example"
    phone      = "+1 617 555 0100"
    email      = "ada@example.com"
  }
}

provider "akamai" {
  edgerc         = var.edgerc
  config_section = var.section
}

data "akamai_contract" "this" {
  group_name = var.group_name
}

resource "akamai_cps_dv_enrollment" "this" {
  contract_id                           = data.akamai_contract.this.id
  common_name                           = local.common_name
  sans                                  = local.sans
  secure_network                        = "enhanced-tls"
  sni_only                              = true
  signature_algorithm                   = "SHA-256"
  acknowledge_pre_verification_warnings = true

  admin_contact {
    first_name       = local.person.first_name
    last_name        = local.person.last_name
    phone            = local.person.phone
    email            = local.person.email
    address_line_one = "1 Example Street"
    city             = "Cambridge"
    region           = "MA"
    postal_code      = "02142"
    country_code     = "US"
    organization     = "Example"
  }
  tech_contact {
    first_name       = local.person.first_name
    last_name        = local.person.last_name
    phone            = local.person.phone
    email            = local.person.email
    address_line_one = "1 Example Street"
    city             = "Cambridge"
    region           = "MA"
    postal_code      = "02142"
    country_code     = "US"
    organization     = "Example"
  }
  csr {
    country_code        = "US"
    state               = "MA"
    city                = "Cambridge"
    organization        = "Example"
    organizational_unit = "Web"
  }
  network_configuration {
    disallowed_tls_versions = ["TLSv1", "TLSv1_1"]
    clone_dns_names         = true
    geography               = "core"
    must_have_ciphers       = "ak-akamai-2020q1"
    preferred_ciphers       = "ak-akamai-2020q1"
    ocsp_stapling           = "on"
    quic_enabled            = false
  }
  organization {
    name             = "Example"
    phone            = local.person.phone
    address_line_one = "1 Example Street"
    city             = "Cambridge"
    region           = "MA"
    postal_code      = "02142"
    country_code     = "US"
  }
}

resource "akamai_dns_record" "challenge" {
  for_each   = local.names
  zone       = var.zone
  name       = "_acme-challenge.${each.key}"
  recordtype = "TXT"
  ttl        = 60
  target = [
    one([
      for challenge in akamai_cps_dv_enrollment.this.dns_challenges :
      challenge.response_body if challenge.domain == each.key
    ])
  ]
}

resource "akamai_cps_dv_validation" "this" {
  enrollment_id = akamai_cps_dv_enrollment.this.id
  sans          = akamai_cps_dv_enrollment.this.sans
  depends_on    = [akamai_dns_record.challenge]
}
