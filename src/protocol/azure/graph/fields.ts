/** Fields with which a change of somebody's entry is a change of what they may do, or of who they are. */
const RISING_FIELDS =
  /^(passwordprofile|accountenabled|keycredentials|passwordcredentials|membershiprule|isassignabletorole|approles|requiredresourceaccess|identifieruris|web|spa|publicclient|onpremisesimmutableid|userprincipalname|usertype|mail|othermails|identities|roles|approleassignmentrequired|preferredtokensigningkeythumbprint|visibility|grouptypes)$/

/**
 * Of what access is given to, the fields that say nothing of it, from Graph's reference; every other one may:
 * rules of dynamic groups and of conditional access read departments, countries, extension attributes and whatever
 * comes next. Small letters.
 */
const PLAIN_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  users:
    words(`displayname givenname surname aboutme birthday interests skills responsibilities pastprojects
    schools mysite preferredname businessphones mobilephone faxnumber streetaddress postalcode preferredlanguage
    mailnickname agegroup consentprovidedforminor imaddresses`),
  groups:
    words(`displayname description mailnickname mailenabled securityenabled classification theme
    preferredlanguage preferreddatalocation autosubscribenewmembers allowexternalsenders hidefromaddresslists
    hidefromoutlookclients`),
  devices: words('displayname'),
  directoryobjects: words(
    'displayname ids types mailnickname onbehalfofuserid entitytype issyncedfromonpremises',
  ),
}

const ANNOTATIONS = words('@odata.type @odata.context @odata.id id')

/** Whether a write of the field gives access to somebody; `type` is the last one of the path. */
export function raisesBy(type: string, field: string): boolean {
  const small = field.toLowerCase()
  if (ANNOTATIONS.has(small)) return false
  // A relation is an access of its own.
  if (/^[a-z0-9]+@odata\.bind$/.test(small)) return false
  const plain = PLAIN_FIELDS[type.toLowerCase()]
  return RISING_FIELDS.test(small) || plain?.has(small) === false
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/))
}
