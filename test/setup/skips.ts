/**
 * Why a test may be skipped where everything is installed that can be. Any other reason means that
 * something is missing.
 */
const EXPECTED: readonly RegExp[] = [
  // Asked of the user that runs the tests, and of the system's packages.
  /^root may read every file$/,
  /^Debian's [\d.]+ has no such command$/,
  /^this CLI lacks its library for vaults/,
  // Built and run by a command of its own, right after these.
  /^kube-apiserver is not built/,
]

export function isExpected(reason: string): boolean {
  return EXPECTED.some((one) => one.test(reason))
}
