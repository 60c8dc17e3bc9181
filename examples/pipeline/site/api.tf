# A certificate of the shop's own authority: CPS makes the keys and the requests, the authority signs, the pipeline uploads.
resource "akamai_cps_third_party_enrollment" "api" {
  contract_id                           = var.contract_id
  common_name                           = "api.${var.zone}"
  secure_network                        = "enhanced-tls"
  sni_only                              = true
  change_management                     = var.change_management
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

data "akamai_cps_csr" "api" {
  enrollment_id = akamai_cps_third_party_enrollment.api.id
}

# Stands for the authority that a customer runs elsewhere: in life its key is not in a state file.
resource "tls_private_key" "authority" {
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

resource "tls_self_signed_cert" "authority" {
  private_key_pem       = tls_private_key.authority.private_key_pem
  is_ca_certificate     = true
  validity_period_hours = 87600
  allowed_uses          = ["cert_signing", "crl_signing"]
  subject {
    common_name = "Example Shop CA"
  }
}

resource "tls_locally_signed_cert" "api" {
  for_each = {
    RSA   = data.akamai_cps_csr.api.csr_rsa
    ECDSA = data.akamai_cps_csr.api.csr_ecdsa
  }
  cert_request_pem      = each.value
  ca_private_key_pem    = tls_private_key.authority.private_key_pem
  ca_cert_pem           = tls_self_signed_cert.authority.cert_pem
  validity_period_hours = 2160
  allowed_uses          = ["digital_signature", "key_encipherment", "server_auth"]
}

# With change management the first apply ends on the staging network, and one with `acknowledged` takes it to production.
resource "akamai_cps_upload_certificate" "api" {
  enrollment_id                          = akamai_cps_third_party_enrollment.api.id
  certificate_ecdsa_pem                  = tls_locally_signed_cert.api["ECDSA"].cert_pem
  trust_chain_ecdsa_pem                  = tls_self_signed_cert.authority.cert_pem
  certificate_rsa_pem                    = tls_locally_signed_cert.api["RSA"].cert_pem
  trust_chain_rsa_pem                    = tls_self_signed_cert.authority.cert_pem
  acknowledge_post_verification_warnings = true
  acknowledge_change_management          = var.acknowledged
  wait_for_deployment                    = true
}
