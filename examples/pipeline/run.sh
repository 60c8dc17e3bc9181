#!/bin/sh
# From nothing to destroyed, against whatever the edgerc leads to. `certrail exec` sets EDGERC and the roots to trust.
set -eu
cd "$(dirname "$0")"

export TF_VAR_edgerc="$EDGERC"
# Certrail shows each contract as a group of its own: ACCOUNT-CONTRACT.
export TF_VAR_group_name="${GROUP_NAME:-Sandbox-1-SANDBOX}"

terraform -chdir=zone init -input=false
terraform -chdir=zone apply -input=false -auto-approve

terraform -chdir=site init -input=false
terraform -chdir=site apply -input=false -auto-approve
terraform -chdir=site plan -input=false -detailed-exitcode
terraform -chdir=site destroy -input=false -auto-approve
