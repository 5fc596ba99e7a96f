/** The first operation that waits for people, as they see it. */
export async function heldRequest(bench: {
  approver(...words: readonly string[]): Promise<unknown>
}): Promise<{ id: string }> {
  for (let tries = 0; tries < 300; tries++) {
    const { items } = (await bench.approver('approvals', 'list')) as { items: { id: string }[] }
    const [first] = items
    if (first !== undefined)
      return (await bench.approver('approvals', 'show', first.id)) as { id: string }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('nothing was held')
}
