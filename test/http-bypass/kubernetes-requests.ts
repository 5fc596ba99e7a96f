import type { Area, BypassCase } from './case.ts'
import { lines, NO_RULE, UNREAD } from './case.ts'

const NS = '/api/v1/namespaces/prod'
const ONE = `GET ${NS}/configmaps/settings`
const PATCHED = `PATCH ${NS}/configmaps/settings`
const MERGE = 'application/merge-patch+json'

function withHeaders(
  line: string,
  list: Readonly<Record<string, Readonly<Record<string, string>>>>,
): BypassCase[] {
  return Object.entries(list).map(([trick, headers]) => ({ trick, line, headers }))
}

function bodies(line: string, type: string, list: Readonly<Record<string, string>>): BypassCase[] {
  return Object.entries(list).map(([trick, body]) => ({
    trick,
    line,
    body,
    headers: { 'content-type': type },
  }))
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'v5.channel.k8s.io',
}

/** Requests that mean more than their first line says. */
export const KUBERNETES_REQUESTS: Readonly<Record<string, Area>> = {
  'whom the cluster sees is not for the agent to say': {
    codes: UNREAD,
    cases: withHeaders(ONE, {
      'another user': { 'Impersonate-User': 'system:admin' },
      'another group': { 'Impersonate-Group': 'system:masters' },
      'another uid': { 'Impersonate-Uid': '0' },
      'something else of a user': { 'Impersonate-Extra-scopes': 'all' },
      'a user with an underscore': { Impersonate_User: 'system:admin' },
      'a user by a front proxy': { 'X-Remote-User': 'system:admin' },
      'a group by a front proxy': { 'X-Remote-Group': 'system:masters' },
      'more by a front proxy': { 'X-Remote-Extra-scopes': 'all' },
      'a token as a protocol': {
        'Sec-WebSocket-Protocol': 'base64url.bearer.authorization.k8s.io.YQ, v5.channel.k8s.io',
      },
    }),
  },
  'another method or path beside the one that is judged': {
    codes: UNREAD,
    cases: [
      ...withHeaders(`GET ${NS}/configmaps/settings`, {
        'a method override': { 'X-HTTP-Method-Override': 'DELETE' },
        'an older one': { 'X-HTTP-Method': 'DELETE' },
        'one without HTTP': { 'X-Method-Override': 'DELETE' },
        'one with underscores': { X_HTTP_METHOD_OVERRIDE: 'DELETE' },
        'another URL': { 'X-Original-URL': `${NS}/secrets/db` },
        'a rewritten one': { 'X-Rewrite-URL': `${NS}/secrets/db` },
      }),
      ...lines({
        'a method in the query': `GET ${NS}/configmaps/settings?_method=DELETE`,
        'a parameter that is not known': `GET ${NS}/configmaps/settings?as=admin`,
        'a token in the query': `GET ${NS}/configmaps/settings?access_token=a`,
        'a parameter twice': `GET ${NS}/configmaps/settings?resourceVersion=0&resourceVersion=1`,
        'a parameter behind a semicolon': `GET ${NS}/configmaps/settings?pretty=true;watch=true`,
        'a watch of one by its path': `GET ${NS}/configmaps/settings?watch=true`,
        'neither true nor false': `GET ${NS}/configmaps/settings?watch=yes`,
        'a parameter in capitals': `GET ${NS}/configmaps/settings?WATCH=true`,
        'an encoded name of one': `GET ${NS}/configmaps/settings?%77atch=true`,
        'a list as a parameter': `GET ${NS}/configmaps/settings?watch[]=true`,
        'an unknown method': `PURGE ${NS}/configmaps/settings`,
        'a method in small letters': `delete ${NS}/configmaps/settings`,
        'a trace': `TRACE ${NS}/configmaps/settings`,
      }),
    ],
  },
  'a body that two readers take differently': {
    codes: UNREAD,
    cases: [
      ...bodies(PATCHED, MERGE, {
        'a field twice': '{"data":{"a":"1"},"data":{"a":"2"}}',
        'a field twice, once with an escape': String.raw`{"data":{"a":"1"},"d\u0061ta":{"a":"2"}}`,
        'a field twice deep inside': '{"data":{"a":"1","a":"2"}}',
        'a byte order mark': '\ufeff{"data":{"a":"1"}}',
        'a comment': '{/* "data" */"data":{"a":"1"}}',
        'a comma too many': '{"data":{"a":"1"},}',
        'two documents': '{"data":{"a":"1"}}{"data":{"a":"2"}}',
        'no JSON': 'data: {a: 1}',
        nothing: ' ',
        'a hundred levels': `${'{"a":'.repeat(120)}1${'}'.repeat(120)}`,
        'the text of a mask': '{"data":{"contact":"[redacted]"}}',
        'the text of a mask in base64': '{"data":{"contact":"W3JlZGFjdGVkXQ=="}}',
      }),
      ...bodies(PATCHED, 'application/yaml', { YAML: 'data: {a: b}' }),
      ...bodies(PATCHED, 'application/apply-patch+yaml', {
        'YAML where JSON goes': 'data: {a: b}',
      }),
      ...bodies(PATCHED, 'application/cbor', { CBOR: '\u00d9\u00d9\u00f7' }),
      ...bodies(PATCHED, 'application/apply-patch+cbor', { 'CBOR to apply': '\u00d9\u00d9\u00f7' }),
      ...bodies(PATCHED, 'text/plain', { 'JSON under another name': '{"data":{"a":"1"}}' }),
      ...bodies(PATCHED, 'application/json; charset=utf-16', { 'another charset': '{}' }),
      ...bodies(PATCHED, `${MERGE}, text/plain`, { 'two types': '{"data":{"a":"1"}}' }),
      ...bodies(PATCHED, 'multipart/form-data; boundary=b', { 'a form': '--b\r\n\r\n{}\r\n--b--' }),
      ...bodies(PATCHED, 'application/vnd.kubernetes.protobuf', {
        'protobuf without its mark': '\n\u0002v1',
        'protobuf that is cut': 'k8s\0\n\u007f',
        'protobuf of two objects': 'k8s\0\u0012\0\u0012\0',
        'protobuf in another encoding': 'k8s\0\u001a\u0001a',
      }),
      {
        trick: 'a compressed body',
        line: PATCHED,
        headers: { 'content-type': MERGE, 'content-encoding': 'gzip' },
        body: '{}',
      },
      {
        trick: 'a body that says it is compressed as nothing',
        line: PATCHED,
        headers: { 'content-type': MERGE, 'content-encoding': 'identity, gzip' },
        body: '{}',
      },
    ],
  },
  'a change of protocol': {
    codes: [...UNREAD, ...NO_RULE],
    cases: [
      { trick: 'where nothing is streamed', line: ONE, headers: UPGRADE },
      {
        trick: 'to HTTP/2',
        line: ONE,
        headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AA' },
      },
      {
        trick: 'to SPDY',
        line: `POST ${NS}/pods/web-1/exec?command=id`,
        headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' },
      },
      { trick: 'exec as a plain request', line: `POST ${NS}/pods/web-1/exec?command=id` },
      { trick: 'exec', line: `GET ${NS}/pods/web-1/exec?command=id`, headers: UPGRADE },
      { trick: 'exec by a slash', line: `GET ${NS}/pods/web-1/exec/?command=id`, headers: UPGRADE },
      { trick: 'attach', line: `GET ${NS}/pods/web-1/attach`, headers: UPGRADE },
      { trick: 'port-forward', line: `GET ${NS}/pods/web-1/portforward?ports=1`, headers: UPGRADE },
      { trick: 'through a proxy', line: `GET ${NS}/pods/web-1/proxy/exec`, headers: UPGRADE },
    ],
  },
  'rights that give more rights': {
    codes: NO_RULE,
    cases: [
      ...lines({
        'a proxy to a pod': `GET ${NS}/pods/web-1/proxy/admin`,
        'a proxy to a pod by its port': `GET ${NS}/pods/https:web-1:8443/proxy/`,
        'a proxy to a node': 'GET /api/v1/nodes/n1/proxy/run/prod/web-1/a?cmd=id',
        'the log of a pod': `GET ${NS}/pods/web-1/log`,
        'a selector on a masked field': `GET ${NS}/configmaps?fieldSelector=data.contact%3Da`,
      }),
      ...bodies(`POST ${NS}/serviceaccounts/default/token`, 'application/json', {
        'a token of another': '{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1"}',
      }),
      ...bodies(`POST ${NS}/pods/web-1/eviction`, 'application/json', {
        'an eviction': '{"kind":"Eviction","apiVersion":"policy/v1"}',
      }),
      ...bodies(`PATCH ${NS}/pods/web-1/ephemeralcontainers`, MERGE, {
        'a container beside it': '{"spec":{"ephemeralContainers":[]}}',
      }),
      ...bodies(`POST ${NS}/pods/web-1/binding`, 'application/json', { 'another node': '{}' }),
      ...bodies(`POST ${NS}/configmaps`, 'application/json', {
        'a name that only the body tells': '{"metadata":{"name":"settings2"}}',
        'no name at all': '{"metadata":{"generateName":"settings"}}',
      }),
      ...bodies(
        'POST /apis/rbac.authorization.k8s.io/v1/namespaces/prod/rolebindings',
        'application/json',
        { 'a binding': '{"metadata":{"name":"a"},"roleRef":{"name":"admin"}}' },
      ),
      ...bodies(
        'POST /apis/certificates.k8s.io/v1/certificatesigningrequests',
        'application/json',
        {
          'a certificate': '{"metadata":{"name":"a"}}',
        },
      ),
    ],
  },
}
