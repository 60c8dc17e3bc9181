#!/bin/sh
# From nothing to destroyed in two environments, each an account of its own behind one credential. Against whatever the edgerc leads to; `certrail exec` sets
# EDGERC and the roots to trust.
set -eu
cd "$(dirname "$0")"

private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
umask 077

# The credential's section, with the switch key of the environment's account.
edgerc_for() {
  awk -v key="$2" '{ print } /^\[terraform\]/ { print "account_key = " key }' "$EDGERC" >"$private/$1"
  echo "$private/$1"
}

pipeline() {
  environment=$1
  TF_VAR_edgerc=$(edgerc_for "$environment" "$2")
  export TF_VAR_edgerc
  variables="-var-file=../environments/$environment.tfvars"
  for directory in zone site; do
    terraform -chdir=$directory init -input=false
    terraform -chdir=$directory workspace select -or-create "$environment"
    terraform -chdir=$directory apply -input=false -auto-approve "$variables"
  done
  # Here somebody looks at the staging network: certrail deployed, certrail probe --network staging, a browser.
  terraform -chdir=site apply -input=false -auto-approve "$variables" -var=acknowledged=true
  terraform -chdir=site plan -input=false -detailed-exitcode "$variables" -var=acknowledged=true
  terraform -chdir=site destroy -input=false -auto-approve "$variables" -var=acknowledged=true
}

# The sandbox's keys, of certrail.config.json; those of the real accounts come from the CI's secrets.
pipeline test "${SWITCH_KEY_TEST:-1-SHOPTEST:1-8BYUX}"
pipeline live "${SWITCH_KEY_LIVE:-1-SHOPLIVE:1-8BYUX}"
