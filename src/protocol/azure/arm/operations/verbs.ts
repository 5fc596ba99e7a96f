/**
 * Verbs of POSTs whose meaning is plain wherever they stand: they neither return a secret nor give
 * anybody access. Small letters. What is not here is `azure.unlisted` and must be allowed by name.
 */
const PLAIN_VERBS: ReadonlySet<string> = new Set(
  `
abort activate approve backup cancel commit complete copy deactivate deallocate delete
disable discard enable export exporttemplate failover failback flush generalize import initiatescan
listskus listusages listassociatedresources listreferences listhosts listnodes listregions
migrate move validatemoveresources moveresources nexthop ipflowverify topology troubleshoot
queryflowlogstatus connectivitycheck packetcapture pause performmaintenance plannedfailover
poweroff promote purge query queryresults queryactivityruns querypipelineruns querytriggerruns
reapply reboot rebuild reconcile recover redeploy refresh register reimage reimageall rename
repair rerun reset resize resources restart restore restorepoints resume resync revert rollback run
save scale search shutdown start stop summarize suspend switchover sync synchronize
testfailover testfailovercleanup undelete unregister unplannedfailover update upgrade
upgradenodeimageversion usages verify whatif assesspatches installpatches simulateeviction
attachdetachdatadisks converttomanageddisks resourcechanges resourcechangedetails forecast
effectiveroutetable effectivenetworksecuritygroups backendhealth getbackendhealthondemand
ddosprotectionstatus getoverviewstatus getstatus gethealthstatus geterrordetails getmetricstatus
calculatetemplatehash resolveprivatelinkserviceid capture createversion
listfollowerdatabases listmonitoredresources getentities descendants
`
    .trim()
    .split(/\s+/),
)

const PLAIN_FORMS = /^(check[a-z]*(availability|name|status|usage)|validate[a-z]*)$/

/** Whether it is known what a POST does, by its operation's name. */
export function isListedVerb(action: string): boolean {
  const verb = action.toLowerCase().slice(0, -'/action'.length).replace(/^.*\//, '')
  return PLAIN_VERBS.has(verb) || PLAIN_FORMS.test(verb)
}
