// Wherry and js-libp2p find each other by multicast DNS: two network namespaces with one cable, never outside of them.
// Usage: node mdns_interop.mjs PATH_OF_WHERRY; exit code 77: cannot be run here, and why.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { peer } from './harness.mjs'
import { makeNetwork } from './namespaces.mjs'

const wherry = process.argv[2]
if (wherry == null) throw new Error('usage: mdns_interop.mjs PATH_OF_WHERRY')
const kPatience = 30_000 // ms, for anything that ought to happen at once
const network = makeNetwork({
  ours: { addresses: ['192.168.1.1/24'], routes: ['224.0.0.0/4'] },
  theirs: { addresses: ['192.168.1.2/24'], routes: ['224.0.0.0/4'] }
})
const { ours, theirs } = network

const home = mkdtempSync(join(tmpdir(), 'wherry-interop-'))
const start = (...args) => spawn('ip', ['netns', 'exec', ours, wherry, '--home', home, '--json', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })

// Runs a command to its end; its JSON lines and exit code.
function run (...args) {
  return new Promise(resolve => {
    const child = start(...args); const events = []
    createInterface({ input: child.stdout }).on('line', l => events.push(JSON.parse(l)))
    child.on('close', code => resolve({ code, events }))
  })
}

// A node that runs; resolves with its ready event and a stop function.
function node () {
  const child = start('node')
  const ended = new Promise(resolve => child.on('close', resolve))
  const stop = () => { child.kill('SIGTERM'); return ended }
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', l => {
      const e = JSON.parse(l)
      if (e.event === 'ready') resolve({ ...e, stop })
    })
    child.on('close', code => reject(new Error(`wherry node ended with ${code} before it was ready`)))
  })
}

let failed = 0; let passed = 0
async function check (name, body) {
  try {
    await body()
    passed++; console.log(`ok   ${name}`)
  } catch (e) {
    failed++; console.log(`FAIL ${name}: ${e.stack ?? e}`)
  }
}
const expect = (condition, what) => { if (!condition) throw new Error(what) }

let own, js
try {
  own = await node()
  js = await peer({ listen: ['/ip4/192.168.1.2/udp/0/quic-v1'], transports: ['quic'], mdns: true }, { netns: theirs })
  await check('js finds wherry by multicast DNS and reaches it', async () => {
    const found = await js.event(e => e.event === 'mdns:peer' && e.peer === own.peerId, kPatience)
    expect(found.addrs.some(a => a.startsWith('/ip4/192.168.1.1/udp/')), `addresses ${found.addrs}`)
    await js.call('dial', { addr: found.addrs.filter(a => a.startsWith('/ip4/192.168.1.1/udp/')) })
    expect((await js.call('ping', { peer: own.peerId, count: 3 })).ms.length === 3, 'three pings')
  })
  await check('wherry finds js by multicast DNS and reaches it with nothing but its id', async () => {
    const r = await run('ping', js.id, '-n', '3', '--wait', '20')
    expect(r.code === 0, `exit ${r.code}: ${JSON.stringify(r.events)}`)
    const listed = (await run('peers')).events.find(e => e.event === 'peers').peers.find(p => p.peerId === js.id)
    expect(listed?.nearby && listed.connected, `listed as ${JSON.stringify(listed)}`)
  })
  await js.quit()
  js = await peer({ listen: ['/ip4/192.168.1.2/tcp/4009'], transports: ['tcp'], mdns: true }, { netns: theirs })
  await check('a js that speaks nothing but TCP finds wherry by multicast DNS and reaches it', async () => {
    const found = await js.event(e => e.event === 'mdns:peer' && e.peer === own.peerId, kPatience)
    const tcp = found.addrs.filter(a => a.startsWith('/ip4/192.168.1.1/tcp/'))
    expect(tcp.length === 1, `addresses ${found.addrs}`)
    await js.call('dial', { addr: tcp[0] })
    expect((await js.call('ping', { peer: own.peerId, count: 3 })).ms.length === 3, 'three pings')
  })
  await check('and wherry finds it', async () => {
    const r = await run('ping', js.id, '-n', '3', '--wait', '20')
    expect(r.code === 0, `exit ${r.code}: ${JSON.stringify(r.events)}`)
  })
} finally {
  await js?.quit()
  await own?.stop()
  rmSync(home, { recursive: true, force: true })
  network.remove()
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
