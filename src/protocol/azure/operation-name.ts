/** What Azure's role-based access control calls one request. */
export interface ArmOperation {
  /** `Microsoft.Compute/virtualMachines/start/action`. */
  readonly action: string
  /** What it acts on: for a POST the thing whose verb it is. */
  readonly object: readonly string[]
  readonly effect: 'read' | 'write' | 'delete' | 'action'
}
