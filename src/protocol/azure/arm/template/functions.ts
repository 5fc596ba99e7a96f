/**
 * Functions of templates, as Azure's reference lists them, and what each reads while a template is deployed. What
 * reads is done with the gateway's access, and outputs tell it. Small letters.
 *
 * - `PURE` work out a value from what is in the template, or from what everybody may know (regions, zones, time).
 * - `reference(s)` and all `list…` are looked at where they stand (template-references.ts, template-reads.ts).
 * - `SCOPES` tell of the group, the subscription, the management group or the tenant.
 * - `deployer` tells who the gateway is, and whatever is in no list may do anything: `azure.reference`.
 */
const PURE = words(`
array concat contains createarray empty first indexfromend indexof intersection last lastindexof length max min range
skip take tryget tryindexfromend union flatten
parsecidr cidrsubnet cidrhost
coalesce equals less lessorequals greater greaterorequals
datetimeadd datetimefromepoch datetimetoepoch utcnow
deployment environment parameters variables
filter groupby lambda lambdavariables map mapvalues objectkeys reduce sort toobject
and bool false if not or true
add copyindex div float int mod mul sub
createobject items json null shallowmerge
extensionresourceid managementgroupresourceid resourceid subscriptionresourceid tenantresourceid
pickzones providers tologicalzone tologicalzones tophysicalzone tophysicalzones
base64 base64tojson base64tostring builduri datauri datauritostring endswith fail format guid join newguid padleft
parseuri replace split startswith string substring tolower toupper trim uniquestring uri uricomponent
uricomponenttostring
`)

/** What they tell beyond these fields is a read. */
export type ScopeFunction = 'resourcegroup' | 'subscription' | 'managementgroup' | 'tenant'

/** Fields that a template cannot do without, and that say no more than where it is deployed. */
export const PLAIN_SCOPE_FIELDS: Readonly<Record<ScopeFunction, ReadonlySet<string>>> = {
  resourcegroup: words('id name type location'),
  subscription: words('id subscriptionid tenantid'),
  managementgroup: words('id name type'),
  tenant: words('tenantid id'),
}

/** Those that cannot make a text that begins with a bracket where none of their arguments does. */
const JOINING = words(`
parameters variables concat resourceid subscriptionresourceid tenantresourceid extensionresourceid resourcegroup
subscription tenant managementgroup uniquestring guid tolower toupper copyindex deployment environment
add sub mul div mod int if and or not equals less lessorequals greater greaterorequals true false empty length
contains coalesce utcnow newguid
`)

export interface Call {
  readonly name: string
  /** Behind the opening parenthesis. */
  readonly at: number
}

/** Every call of a function in an expression, by its name without `sys.`; texts in quotes call nothing. */
export function callsIn(expression: string): readonly Call[] {
  const found: Call[] = []
  let start = 0
  // A quotation mark inside of a text is written twice, so that every other piece is outside.
  for (const [index, piece] of expression.split("'").entries()) {
    for (const match of index % 2 === 0 ? piece.matchAll(WORDS) : []) {
      const [whole, word = '', opens] = match
      if (opens === undefined) continue
      const name = word.toLowerCase().replace(/^sys\./, '')
      found.push({ name, at: start + match.index + whole.length })
    }
    start += piece.length + 1
  }
  return found
}

/** Whole words, so that no part of one is looked at twice. */
const WORDS = /([\w.]+)(\s*\()?/g

export function isScopeFunction(name: string): name is ScopeFunction {
  return Object.hasOwn(PLAIN_SCOPE_FIELDS, name)
}

/** Whether it is known what a function does; those of the template's own are, by their namespaces. */
export function isKnownFunction(name: string, own: ReadonlySet<string>): boolean {
  if (PURE.has(name) || isScopeFunction(name) || /^references?$|^list[a-z0-9]*$/.test(name))
    return true
  return name.includes('.') && own.has(name.slice(0, name.indexOf('.')))
}

/** A text that is worked out, and none that is escaped with a second bracket. */
export function isExpression(text: string): boolean {
  const trimmed = text.trim()
  return /^\[(?!\[)/.test(trimmed) && trimmed.endsWith(']')
}

/**
 * Whether what an expression makes may be another one. Then it reads whatever somebody put together: from a text
 * with a bracket, from what decodes or cuts texts, or from what is read elsewhere.
 */
export function mayMakeExpression(expression: string): boolean {
  if (/'\s*\[/.test(expression)) return true
  return callsIn(expression).some(({ name }) => !JOINING.has(name))
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
