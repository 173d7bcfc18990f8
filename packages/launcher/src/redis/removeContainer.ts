/** Removes a container of Docker, running or not; answers whether there was one. */
export async function removeContainer(id: string): Promise<boolean> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    const { container } = await getContainerRuntimeClient();
    await container.getById(id).remove({ force: true, v: true });
    return true;
  } catch {
    return false;
  }
}
