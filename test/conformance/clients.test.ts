import { afterAll, beforeAll, describe } from 'vitest'
import { complaintsChecklist } from './clients/complaints.ts'
import { goSdkChecklist } from './clients/go-sdk.ts'
import { keyfactorChecklist } from './clients/keyfactor.ts'
import { otherClientsChecklist } from './clients/other-clients.ts'
import { powershellChecklist } from './clients/powershell.ts'
import { preVerificationChecklist } from './clients/pre-verification.ts'
import { pythonCliChecklist } from './clients/python-cli.ts'
import { realAnswersChecklist } from './clients/real-answers.ts'
import { type ClientRig, createRig } from './clients/rig.ts'
import { serverChecklist } from './clients/server.ts'
import { terraformThirdPartyChecklist } from './clients/terraform-third-party.ts'
import { terraformDvChecklist } from './clients/terraform.ts'

type Checklist = (rig: () => ClientRig) => void

/** One instance for many checklists of spec: clients; each client has an account of its own in it. */
function inOneInstance(
  name: string,
  checklists: readonly Checklist[],
  settings: Readonly<Record<string, string>> = {},
): void {
  describe(name, () => {
    let rig: ClientRig
    beforeAll(async () => {
      rig = await createRig(settings)
    })
    afterAll(() => rig.close())
    for (const checklist of checklists) checklist(() => rig)
  })
}

inOneInstance('the checklists of the clients', [
  goSdkChecklist,
  terraformDvChecklist,
  terraformThirdPartyChecklist,
  pythonCliChecklist,
  powershellChecklist,
  keyfactorChecklist,
  otherClientsChecklist,
  serverChecklist,
  complaintsChecklist,
  realAnswersChecklist,
])

inOneInstance('the checklists of the clients, with pre-verification review', [preVerificationChecklist], {
  CERTRAIL_PRE_VERIFICATION: 'review',
})
