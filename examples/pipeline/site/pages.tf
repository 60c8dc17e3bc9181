# A DV certificate whose names are validated by DNS records of the same provider.
locals {
  common_name = "www.${var.zone}"
  sans        = ["static.${var.zone}"]
  # Known before anything is made, as for_each wants it. Apex and wildcard of one name would share a record set: put both values into one.
  names = toset(concat([local.common_name], local.sans))
}

resource "akamai_cps_dv_enrollment" "pages" {
  contract_id                           = var.contract_id
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
    address_line_one = local.person.address_line_one
    city             = local.person.city
    region           = local.person.region
    postal_code      = local.person.postal_code
    country_code     = local.person.country_code
    organization     = local.person.organization
  }
  tech_contact {
    first_name       = local.person.first_name
    last_name        = local.person.last_name
    phone            = local.person.phone
    email            = local.person.email
    address_line_one = local.person.address_line_one
    city             = local.person.city
    region           = local.person.region
    postal_code      = local.person.postal_code
    country_code     = local.person.country_code
    organization     = local.person.organization
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
    address_line_one = local.person.address_line_one
    city             = local.person.city
    region           = local.person.region
    postal_code      = local.person.postal_code
    country_code     = local.person.country_code
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
      for challenge in akamai_cps_dv_enrollment.pages.dns_challenges :
      challenge.response_body if challenge.domain == each.key
    ])
  ]
  # A validated name has no challenge to read any more, and its record has done its work.
  lifecycle {
    ignore_changes = [target]
  }
}

resource "akamai_cps_dv_validation" "pages" {
  enrollment_id = akamai_cps_dv_enrollment.pages.id
  sans          = akamai_cps_dv_enrollment.pages.sans
  depends_on    = [akamai_dns_record.challenge]
}
