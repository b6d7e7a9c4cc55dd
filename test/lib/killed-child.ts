// Run from dist/ as a restricted child process: ends as if the system had killed it.
process.once('message', () => process.kill(process.pid, 'SIGKILL'));
