// Carriers beside each other, Wherry and js-libp2p as dialler and as listener, in one run over loopback; and a listener that holds 1000
// connections. tests/bench/carriers.sh installs and builds what it takes.
// Usage: run_interop.sh .../carriers_bench.mjs WORK_DIR PATH_OF_WHERRY PATH_OF_CARRIER_PEER [MEGABYTES [CONNECTIONS]]
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { sleep } from './harness.mjs'
import { finish, withNode, withPeer } from './wherry.mjs'

const program = process.argv[3]
const size = Number(process.argv[4] ?? 400) * 1e6
const held = Number(process.argv[5] ?? 1000)
const kTrips = 500; const kDials = 100
const kIdle = 20 // seconds that the listener is watched for with nothing to do
const kinds = [['quic', 'tls'], ['tcp', 'noise'], ['tcp', 'tls'], ['ws', 'noise'], ['ws', 'tls']]
const listenAt = carrier => '/ip4/127.0.0.1' + { quic: '/udp/0/quic-v1', tcp: '/tcp/0', ws: '/tcp/0/ws' }[carrier]
const any = /./
const round = x => x == null ? '' : x.toFixed(x < 10 ? 2 : 0)
const statusOf = (pid, field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
const peakOf = pid => statusOf(pid, 'VmHWM')
const cpuOf = pid => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' '); return (Number(f[11]) + Number(f[12])) / 100 }

// The engine's dialler; its first line, and what ends it.
async function dialler (carrier, security, addr, ...command) {
  const child = spawn(program, [carrier, security, addr, ...command.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => child.on('close', resolve))
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', resolve)
    ended.then(code => reject(new Error(`${carrier}, ${security}: ${command} ended with ${code}`)))
  })
  return { ...JSON.parse(line), end: () => { child.stdin.end(); return ended } }
}
async function ours (carrier, security, addr) {
  const once = async (...command) => { const r = await dialler(carrier, security, addr, ...command); await r.end(); return r }
  const perf = await once('perf', size); const trips = await once('trips', kTrips); const dials = await once('dials', kDials)
  return { up: perf.up, down: perf.down, p50: trips.p50, p99: trips.p99, dials: dials.perSecond, peak: perf.peak }
}
const js = (carrier, security) => ({ transports: [carrier], ...(carrier === 'quic' ? {} : { security: [security] }) })
const theirs = (carrier, security, addr, id) => withPeer({ listen: [], ...js(carrier, security) }, async peer => {
  await peer.call('dial', { addr })
  const up = await peer.call('perf', { peer: id, upload: size, download: 0, timeout: 300_000 })
  const down = await peer.call('perf', { peer: id, upload: 0, download: size, timeout: 300_000 })
  await peer.call('ping', { peer: id, count: 50 })
  const trips = (await peer.call('ping', { peer: id, count: kTrips })).ms.sort((a, b) => a - b)
  const dials = await peer.call('dials', { addr, count: kDials })
  return { up: up.MBps, down: down.MBps, p50: trips[kTrips >> 1], p99: trips[Math.floor(kTrips * 0.99)], dials: 1000 / dials.mean, peak: peakOf(peer.pid) }
})
// `body` with a fresh listener of either kind.
const kListeners = {
  wherry: (carrier, security, body) => withNode(['--perf', '--listen', listenAt(carrier), '--set', `limits.max_connections=${held + 200}`], w => body({ pid: w.pid, addr: w.addr(any), id: w.peerId })),
  js: (carrier, security, body) => withPeer({ listen: [listenAt(carrier)], ...js(carrier, security) }, other => body({ pid: other.pid, addr: other.addr(any), id: other.id }))
}

function print (rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map(r => r[i].length)))
  for (const r of rows) console.log(`| ${r.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`)
}

const rows = [['carrier', 'dialler', 'listener', 'up MB/s', 'down MB/s', 'connections/s', 'stream there and back p50 / p99 ms', 'peak MB dialler / listener']]
for (const [carrier, security] of kinds) {
  for (const [name, withListener] of Object.entries(kListeners)) {
    for (const [from, measure] of [['wherry', ours], ['js', theirs]]) {
      await withListener(carrier, security, async at => {
        const r = await measure(carrier, security, at.addr, at.id)
        rows.push([`${carrier}, ${security}`, from, name, round(r.up), round(r.down), round(r.dials), `${round(r.p50)} / ${round(r.p99)}`, `${round(r.peak / 1e6)} / ${round(peakOf(at.pid) / 1e6)}`])
      })
    }
  }
}
print(rows)

const idle = [['listener', 'carrier', `${held} connections in s`, 'kB each', `CPU % of a core, idle for ${kIdle} s`, 'descriptors']]
for (const [name, withListener] of Object.entries(kListeners)) {
  for (const [carrier, security] of [['quic', 'tls'], ['tcp', 'noise'], ['ws', 'noise']]) {
    await withListener(carrier, security, async at => {
      const before = statusOf(at.pid, 'VmRSS')
      const crowd = await dialler(carrier, security, at.addr, 'hold', held)
      await sleep(5000) // identify and the like are through
      const memory = statusOf(at.pid, 'VmRSS') - before
      const from = cpuOf(at.pid)
      await sleep(kIdle * 1000)
      idle.push([name, `${carrier}, ${security}`, round(crowd.seconds), round(memory / held / 1000), round((cpuOf(at.pid) - from) / kIdle * 100), `${readdirSync(`/proc/${at.pid}/fd`).length}`])
      await crowd.end()
    })
  }
}
print(idle)
finish()
