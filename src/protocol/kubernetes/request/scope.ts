import { resourceName } from './operation.ts'
import type { ResourceRequest } from './request-info.ts'
import type { Verb } from './verbs.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** Built-in resources that have no namespace. */
const CLUSTER_SCOPED = words(`namespaces nodes persistentvolumes componentstatuses
  mutatingwebhookconfigurations.admissionregistration.k8s.io
  validatingwebhookconfigurations.admissionregistration.k8s.io
  validatingadmissionpolicies.admissionregistration.k8s.io
  validatingadmissionpolicybindings.admissionregistration.k8s.io
  mutatingadmissionpolicies.admissionregistration.k8s.io
  mutatingadmissionpolicybindings.admissionregistration.k8s.io
  customresourcedefinitions.apiextensions.k8s.io apiservices.apiregistration.k8s.io
  selfsubjectreviews.authentication.k8s.io tokenreviews.authentication.k8s.io
  selfsubjectaccessreviews.authorization.k8s.io selfsubjectrulesreviews.authorization.k8s.io
  subjectaccessreviews.authorization.k8s.io certificatesigningrequests.certificates.k8s.io
  flowschemas.flowcontrol.apiserver.k8s.io prioritylevelconfigurations.flowcontrol.apiserver.k8s.io
  ingressclasses.networking.k8s.io ipaddresses.networking.k8s.io servicecidrs.networking.k8s.io
  runtimeclasses.node.k8s.io clusterroles.rbac.authorization.k8s.io
  clusterrolebindings.rbac.authorization.k8s.io deviceclasses.resource.k8s.io
  resourceslices.resource.k8s.io priorityclasses.scheduling.k8s.io csidrivers.storage.k8s.io
  csinodes.storage.k8s.io storageclasses.storage.k8s.io volumeattachments.storage.k8s.io
  volumeattributesclasses.storage.k8s.io`)

/**
 * Whether a request without a namespace is about all of them. The path does not tell for resources
 * that are not built in: those are taken for namespaced, which grants less and denies more. One
 * object is only ever named together with its namespace, where it has one.
 */
export function spansNamespaces(info: ResourceRequest, verb: Verb): boolean {
  if (info.namespace !== undefined || info.name !== undefined || verb === 'create') return false
  return !CLUSTER_SCOPED.has(resourceName(info))
}
