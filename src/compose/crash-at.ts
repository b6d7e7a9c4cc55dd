/** Kills the process, like `kill -9`, the nth time it reaches the named point. */
export function crashAt(setting: string | undefined): (point: string) => void {
  if (setting === undefined) return () => undefined;
  const [name, nth = '1'] = setting.split(':');
  let remaining = Number(nth);
  return (point) => {
    if (point !== name) return;
    remaining -= 1;
    if (remaining === 0) process.kill(process.pid, 'SIGKILL');
  };
}
