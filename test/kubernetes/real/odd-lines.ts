const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const NS = '/api/v1/namespaces/prod'
const APPS = '/apis/apps/v1/namespaces/prod/deployments'
const WIDGETS = '/apis/example.com/v1/namespaces/prod/widgets'

/** Paths that two readers could take for different things, and their plain neighbours. */
export const ODD_PATHS = words(`
  / /api /api/ /api/v1 /api/v1/ /apis /apis/apps /apis/apps/v1/ /version /healthz/ /livez/ping
  /metrics /logs/ /openapi/v2 /openapi/v3/a /API/v1/pods /Api/v1/pods /apifoo/v1/pods /v1/pods
  /swaggerapi/api/v1/pods /api/pods /api/v2/pods /api/v1beta1/pods /api/namespaces/prod/pods
  /api/a/b/c/d /apis/v1/pods /apis/core/v1/pods /apis/apps/deployments /apis/apps/v9/deployments
  /apis/api/v1/pods /api/apis/apps/v1/deployments /apis/APPS/v1/deployments /apis/a/b/c
  /api/v1/namespaces /api/v1/namespaces/ ${NS} ${NS}/ ${NS}/status ${NS}/finalize ${NS}/status/
  ${NS}/status/web ${NS}/finalize/a/b ${NS}/Status ${NS}/log /api/v1/namespaces/status
  /api/v1/namespaces/finalize/status /api/v1/Namespaces/prod/pods ${NS}/namespaces
  ${NS}/namespaces/prod ${NS}/namespaces/other/pods ${NS}/status/pods
  /api/v1/namespaces/namespaces/namespaces/namespaces /api/v1/status /api/v1/finalize/a
  /apis/apps/v1/namespaces /apis/apps/v1/namespaces/prod /apis/apps/v1/namespaces/prod/status
  ${NS}/pods ${NS}/pods/ ${NS}/pods// ${NS}//pods /${NS}/pods ${NS}/Pods/web ${NS}/pods/web
  ${NS}/pods/web/ ${NS}/pods/web/log ${NS}/pods/web/log/x ${NS}/pods/web/status
  ${NS}/pods/web/exec ${NS}/pods/web/attach ${NS}/pods/web/Exec ${NS}/pods/web/exec/
  ${NS}/pods/web/exec/x ${NS}/pods/web/unheard ${NS}/pods/web/a/b/c ${NS}/pods/web/binding
  ${NS}/bindings ${NS}/bindings/web ${NS}/pods/web/eviction ${NS}/pods/web/proxy
  ${NS}/pods/web/proxy/ ${NS}/pods/web/proxy/a/../b ${NS}/pods/web:80/proxy/a
  ${NS}/services/https:web:443/proxy/secrets/db ${NS}/services/web:http/proxy
  ${NS}/services/a:b:c:d/proxy ${NS}/services/https:web:443 ${NS}/services/:web:/proxy/a
  /api/v1/nodes/n1:10250/proxy/pods /api/v1/nodes/n1 /api/v1/nodes/n1/proxy/exec/a/b/c
  ${NS}/nodes/n1 ${NS}/nodes /api/v1/watch /api/v1/watch/ /api/v1/watch/pods
  /api/v1/watch/namespaces/prod/pods/web /api/v1/proxy /api/v1/proxy/namespaces/prod/pods/web/x
  /api/v1/Watch/pods /api/watch/pods /apis/apps/v1/watch/deployments /apis/watch/v1/pods
  /apis/apps/v1/proxy/a ${NS}/watch ${NS}/watch/pods ${NS}/proxy/pods/web ${NS}/pods/watch
  /api/v1/pods/watch ${NS}/pods/proxy ${APPS} ${APPS}/web ${APPS}/web/scale ${APPS}/web/status
  ${APPS}.apps/web /apis/apps/v1/a.b/c /apis/apps/v1beta1/deployments
  /apis/extensions/v1beta1/namespaces/prod/deployments/web ${WIDGETS} ${WIDGETS}/ ${WIDGETS}/w
  ${WIDGETS}/w/status ${WIDGETS}/w/scale ${WIDGETS}/w/status/x/y /apis/example.com/v1/widgets
  /apis/example.com/v1/widgets/w /apis/example.com/v2/widgets /apis/example.com/v1/gadgets
  /apis/example.com/v1/gadgets/g /apis/nowhere.org/v1/things /api/v1/nonresource/metrics/get
  /api/v1/nonresource ${NS}/nonresource/metrics /_cluster/nonresource
  /api/v1/namespaces/_cluster/pods /api/v1/namespaces/*/pods ${NS}/pods/* ${NS}/*/web /apis/*/*/*
  ${NS}/p%6Fds/w%65b ${NS}/pods/a%2Fb ${NS}/pods%2Fweb ${NS}/pods/%2e%2e/x ${NS}/pods/a%20b
  ${NS}/pods/%E2%80%8B ${NS}/pods/%C3%A9 ${NS}/pods/a+b ${NS}/pods/a;b=c ${NS}/pods/a%3Fb
  ${NS}/pods/a%23b /api/v1/namespaces/pr%6Fd/secrets/db /%61pi/v1/pods
  /api/v1/name%73paces/prod/pods ${NS}/secrets/db. ${NS}/secrets/db%00 ${NS}/secrets/$x
  ${NS}/secrets/a:b ${NS}/secrets/a,b
`)

export const ODD_QUERIES = words(`
  watch=true watch=1 watch=0 watch=false watch=TRUE watch=False watch= watch watch=yes Watch=true
  %77atch=true watch=true&watch=false watch=false&watch=true fieldSelector=metadata.name=web
  fieldSelector=metadata.name%3Dweb fieldSelector=metadata.name==web
  fieldSelector=metadata.name!=web fieldSelector=metadata.name=a/b
  fieldSelector=metadata.name=a,x=b fieldSelector=metadata.name=web&watch=true
  fieldSelector=metadata.namespace=other fieldSelector== labelSelector=a=b
  labelSelector=a%20in%20(b,c) limit=5 limit=abc limit=abc&watch=true limit=-1 limit=abc&watch=0
  resourceVersion=0&resourceVersionMatch=Exact continue=x timeoutSeconds=x&watch=1 dryRun=All
  dryRun=all dryRun= dryRun=All&dryRun=All dryRun=None fieldManager=me fieldManager=me&force=true
  fieldValidation=Strict gracePeriodSeconds=0 propagationPolicy=Orphan pretty=true pretty x=y
  timeout=5s && limit=1;watch=true watch=1%00 watch=+true command=sh&command=-c
  stdin=true&tty=true container=c&follow=true ports=80 path=/x verbose
  sendInitialEvents=true&allowWatchBookmarks=true&watch=1 verb=delete namespace=other as=admin
`)

/** What such a query may speak of: a collection, one object, all namespaces, and no resource. */
export const QUERIED_PATHS = words(`
  ${NS}/pods ${NS}/pods/web /apis/example.com/v1/widgets /healthz
`)

/** Words that mean something at some place of a path. */
export const SEGMENTS = words(`
  api apis v1 apps namespaces prod pods web log status finalize watch proxy exec scale secrets nodes
  * example.com
`)
