// gossipsub between Wherry and js-libp2p, in both directions, through the real program: what one says, the other hears, once.
// Usage: node gossip_interop.mjs PATH_OF_WHERRY
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { check, expect, finish, run, runAt, withNode, withPeer } from './wherry.mjs'
import { sleep } from './harness.mjs'

const LISTEN = '/ip4/127.0.0.1/udp/0/quic-v1'
const HERE = /^\/ip4\/127\.0\.0\.1\/udp\/\d+\/quic-v1(\/p2p\/|$)/
const TOPIC = 'interop'
const js = (options = {}) => ({ listen: [LISTEN], transports: ['quic'], gossipsub: { msgId: 'spec', ...options } })
const hex = text => Buffer.from(text).toString('hex')

async function until (what, condition) {
  for (let i = 0; i < 600; i++) {
    const value = await condition()
    if (value) return value
    await sleep(100)
  }
  throw new Error(`never: ${what}`)
}
// `wherry pubsub sub`, running until `body` is done.
async function withListener (args, body) {
  const home = mkdtempSync(join(tmpdir(), 'wherry-gossip-'))
  const child = spawn(process.argv[2], ['--home', home, '--no-mdns', '--json', 'pubsub', 'sub', TOPIC, '--listen', LISTEN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const events = []
  createInterface({ input: child.stdout }).on('line', l => events.push(JSON.parse(l)))
  const ended = new Promise(resolve => child.on('close', resolve))
  try {
    const ready = await until('wherry listens', () => events.find(e => e.event === 'ready'))
    return await body({
      id: ready.peerId,
      addr: ready.listen.find(a => HERE.test(a)),
      messages: () => events.filter(e => e.event === 'message'),
      heard: data => until(`wherry hears ${data}`, () => events.find(e => e.event === 'message' && e.data === data))
    })
  } finally {
    child.kill('SIGTERM')
    const code = await ended
    rmSync(home, { recursive: true, force: true })
    expect(code === 0, `pubsub sub ends with ${code} on SIGTERM`)
  }
}
const meshed = (peer, id) => until('both are in a mesh', async () => (await peer.call('pubsub', { topic: TOPIC })).mesh.includes(id))

await check('js says, wherry hears; 1.2.0 is what they speak; wherry grafts', () => withPeer(js(), async peer => {
  await peer.call('subscribe', { topic: TOPIC })
  await withListener(['--bootstrap', peer.addr(HERE)], async w => {
    await meshed(peer, w.id)
    const state = await peer.call('pubsub', { topic: TOPIC })
    expect(state.protocols[w.id] === '/meshsub/1.2.0', JSON.stringify(state.protocols))
    await peer.call('publish', { topic: TOPIC, data: 'from js' })
    const message = await w.heard('from js')
    expect(message.from === peer.id && message.topic === TOPIC && message.dataBase64 === Buffer.from('from js').toString('base64'), JSON.stringify(message))
    expect(w.messages().length === 1, 'once')
  })
}))
await check('wherry says, js hears: the id is author and number', () => withPeer(js(), async peer => {
  await peer.call('subscribe', { topic: TOPIC })
  const said = await run('pubsub', 'pub', TOPIC, 'from wherry', '--listen', LISTEN, '--bootstrap', peer.addr(HERE))
  expect(said.code === 0, `exit ${said.code}: ${said.stderr}`)
  const heard = await peer.event(e => e.event === 'gossip' && e.data === hex('from wherry'), 20000)
  const seqno = BigInt(heard.seqno)
  expect(seqno > 1700000000000000000n, `a number from the clock: ${seqno}`)
  expect(heard.msgId.endsWith(seqno.toString(16).padStart(16, '0')), heard.msgId)
  expect(heard.from === heard.via, 'straight from its author')
}))
await check('bytes that are no text arrive as they are', () => withPeer(js(), async peer => {
  await peer.call('subscribe', { topic: TOPIC })
  const said = await run('pubsub', 'pub', TOPIC, '/wABgA==', '--base64', '--listen', LISTEN, '--bootstrap', peer.addr(HERE))
  expect(said.code === 0, `exit ${said.code}: ${said.stderr}`)
  await peer.event(e => e.event === 'gossip' && e.data === 'ff000180', 20000)
}))
await check('a large message of js arrives whole', () => withPeer(js(), async peer => {
  await peer.call('subscribe', { topic: TOPIC })
  await withListener(['--bootstrap', peer.addr(HERE)], async w => {
    await meshed(peer, w.id)
    await peer.call('publish', { topic: TOPIC, size: 500000 })
    await until('it is here', () => w.messages().some(m => Buffer.from(m.dataBase64, 'base64').length === 500000))
  })
}))
await check('wherry relays between two js peers that do not know each other, large messages too', () => withPeer(js(), async one => withPeer(js(), async two => {
  for (const peer of [one, two]) await peer.call('subscribe', { topic: TOPIC })
  await withListener([], async w => {
    for (const peer of [one, two]) { await peer.call('dial', { addr: w.addr }); await meshed(peer, w.id) }
    for (let i = 0; i < 20; i++) await one.call('publish', { topic: TOPIC, data: `number ${i}` })
    for (let i = 0; i < 20; i++) {
      const heard = await two.event(e => e.event === 'gossip' && e.data === hex(`number ${i}`), 20000)
      expect(heard.from === one.id && heard.via === w.id, JSON.stringify(heard))
    }
    await two.call('publish', { topic: TOPIC, size: 100000 })
    await one.event(e => e.event === 'gossip' && e.len === 100000 && e.via === w.id, 20000)
    expect(two.events.filter(e => e.event === 'gossip').length === 20, 'each once')
    const scores = (await one.call('pubsub', { topic: TOPIC })).scores
    expect(!(scores[w.id] < 0), `js thinks badly of wherry: ${JSON.stringify(scores)}`)
  })
})))
await check('js relays between two wherrys', () => withPeer(js(), async peer => {
  await peer.call('subscribe', { topic: TOPIC })
  await withListener(['--bootstrap', peer.addr(HERE)], async w => {
    await meshed(peer, w.id)
    const said = await run('pubsub', 'pub', TOPIC, 'over js', '--listen', LISTEN, '--bootstrap', peer.addr(HERE))
    expect(said.code === 0, `exit ${said.code}: ${said.stderr}`)
    const message = await w.heard('over js')
    expect(message.from !== peer.id, 'its author is the other wherry')
  })
}))
await check('a node that runs says it for a shell of its home', () => withPeer(js(), async peer => {
  await peer.call('subscribe', { topic: TOPIC })
  await withNode(['--listen', LISTEN, '--bootstrap', peer.addr(HERE)], async w => {
    const said = await runAt(w.home, 'pubsub', 'pub', TOPIC, 'through the socket')
    expect(said.code === 0, `exit ${said.code}: ${said.stderr}`)
    const heard = await peer.event(e => e.event === 'gossip' && e.data === hex('through the socket'), 20000)
    expect(heard.from === w.peerId, JSON.stringify(heard))
  })
}))
await check('who leaves a topic is no longer told', () => withPeer(js(), async peer => {
  await peer.call('subscribe', { topic: TOPIC })
  await withNode(['--listen', LISTEN, '--bootstrap', peer.addr(HERE)], async w => {
    const listener = spawn(process.argv[2], ['--home', w.home, '--json', 'pubsub', 'sub', TOPIC], { stdio: ['ignore', 'pipe', 'inherit'] })
    await meshed(peer, w.peerId)
    listener.kill('SIGTERM')
    await until('js sees it leave', async () => !(await peer.call('pubsub', { topic: TOPIC })).subscribers.includes(w.peerId))
  })
}))

finish()
