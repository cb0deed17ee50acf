/** Preloaded into the server process: when the script that started it is gone, however that happened, the server ends too. */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
