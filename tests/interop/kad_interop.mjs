// Kademlia between Wherry and js-libp2p over one carrier, in both directions: what one leaves, the other finds.
// On /ipfs/kad/1.0.0 everything; on ours what any implementation can, and that nothing unsigned is taken.
// Usage: node kad_interop.mjs PATH_OF_WHERRY quic|tcp|ws [ip4|ip6]
import { createHash } from 'node:crypto'
import { check, expect, finish, run, seed, withNode, withPeer } from './wherry.mjs'
import { sleep } from './harness.mjs'

const IPFS = '/ipfs/kad/1.0.0'
const OURS = '/wherry/kad/1.0.0'
const [carrier = 'quic', family = 'ip4'] = process.argv.slice(3)
const tail = { quic: '/udp/0/quic-v1', tcp: '/tcp/0', ws: '/tcp/0/ws' }[carrier]
const LISTEN = { ip4: '/ip4/127.0.0.1', ip6: '/ip6/::1' }[family] + tail
const HERE = new RegExp('^' + LISTEN.replace('/0', '/\\d+') + '(/p2p/|$)')
const server = ['--role', 'server', '--listen', LISTEN]
const js = (options = {}) => ({ listen: [LISTEN], transports: [carrier], kad: { protocol: IPFS }, ...options })

const sha256 = text => createHash('sha256').update(text).digest()
// CIDv1, raw, sha2-256, in base32
function cid (text) {
  const bits = [...Buffer.concat([Buffer.from([1, 0x55, 0x12, 0x20]), sha256(text)])].map(b => b.toString(2).padStart(8, '0')).join('')
  return 'b' + bits.match(/.{1,5}/g).map(five => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(five.padEnd(5, '0'), 2)]).join('')
}
// Of a js peer with an Ed25519 key: its record under /pk/, whose value is its public key.
function pkRecord (peer) {
  const publicKey = Buffer.from(peer.info.publicKeyHex, 'hex')
  const wrapped = publicKey.length === 32 ? Buffer.concat([Buffer.from('08011220', 'hex'), publicKey]) : publicKey
  const id = Buffer.concat([Buffer.from([0, wrapped.length]), wrapped])
  return { keyHex: Buffer.concat([Buffer.from('/pk/'), id]).toString('hex'), valueHex: wrapped.toString('hex'), key: `/pk/${peer.id}`, value: wrapped.toString('base64') }
}
// Identify and the first pings of a table take their time.
async function until (what, condition) {
  for (let i = 0; i < 300; i++) {
    if (await condition()) return
    await sleep(100)
  }
  throw new Error(`never: ${what}`)
}
async function meet (peer, w, dht) {
  await peer.call('dial', { addr: w.addr(HERE) })
  await until('the js peer has the node in its table', async () => (await peer.call('kadTable', { dht })).size > 0)
}
const said = (r, event) => r.events.find(e => e.event === event)
function done (r, event) {
  expect(r.code === 0 && said(r, event), `exit ${r.code}: ${r.stderr} ${JSON.stringify(r.events)}`)
  return said(r, event)
}
const dht = (where, ...args) => run('dht', ...args, '--listen', LISTEN, '--bootstrap', where, '--protocol', IPFS)

await check('put: what js puts, a wherry node keeps and another wherry gets', () => withNode(server, async w => {
  let record
  await withPeer(js(), async peer => {
    await meet(peer, w)
    record = pkRecord(peer)
    await peer.call('kadPut', { keyHex: record.keyHex, valueHex: record.valueHex })
  })
  const value = done(await dht(w.addr(HERE), 'get', record.key), 'value')
  expect(value.valueBase64 === record.value, JSON.stringify(value))
}))
await check('put: what wherry puts, js keeps and gets', () => withPeer(js(), async peer => {
  await withPeer(js({ seed: seed(9) }), async other => {
    const record = pkRecord(other)
    const stored = done(await dht(peer.addr(HERE), 'put', record.key, record.value, '--base64'), 'stored')
    expect(stored.servers >= 1, JSON.stringify(stored))
    const got = await peer.call('kadGet', { keyHex: record.keyHex })
    expect(got.value === record.valueHex, JSON.stringify(got))
  })
}))
await check('get: js gets through a wherry node what only that has', () => withNode(server, async w => {
  await withPeer(js({ seed: seed(9) }), async other => {
    const record = pkRecord(other)
    done(await dht(w.addr(HERE), 'put', record.key, record.value, '--base64'), 'stored')
    await withPeer(js(), async peer => {
      await meet(peer, w)
      const got = await peer.call('kadGet', { keyHex: record.keyHex })
      expect(got.value === record.valueHex, JSON.stringify(got))
    })
  })
}))
await check('provide: js tells a wherry node, and wherry finds it there', () => withNode(server, async w => {
  const id = cid('something of js')
  await withPeer(js(), async peer => {
    await meet(peer, w)
    await peer.call('kadProvide', { cid: id })
    let found
    await until('the node names the provider', async () => { found = await dht(w.addr(HERE), 'providers', id); return found.code === 0 })
    const providers = said(found, 'providers').peers
    expect(providers.some(p => p.peerId === peer.id && p.addresses.length > 0), JSON.stringify(providers))
  })
}))
await check('provide: wherry tells js, and js finds it', () => withPeer(js(), async peer => {
  const id = cid('something of wherry')
  const provided = done(await dht(peer.addr(HERE), 'provide', id), 'provided')
  expect(provided.servers >= 1, JSON.stringify(provided))
  const found = await peer.call('kadFindProviders', { cid: id, limit: 1 })
  expect(found.providers.length === 1, JSON.stringify(found))
}))
await check('find providers: js asks a wherry node what wherry has told it', () => withNode(server, async w => {
  const id = cid('kept by the node')
  done(await dht(w.addr(HERE), 'provide', id), 'provided')
  await withPeer(js(), async peer => {
    await meet(peer, w)
    const found = await peer.call('kadFindProviders', { cid: id, limit: 1 })
    expect(found.providers.length === 1, JSON.stringify(found))
  })
}))
await check('find peer: js finds js through a wherry node', () => withNode(server, async w => {
  await withPeer(js(), async one => withPeer(js(), async two => {
    await meet(one, w); await meet(two, w)
    const found = await one.call('kadFindPeer', { peer: two.id })
    expect(found.peers.some(p => (p.id ?? p.peer) === two.id), JSON.stringify(found))
  }))
}))
await check('find peer: wherry finds js through js, and reaches it by its id alone', () => withPeer(js(), async one => withPeer(js(), async two => {
  await two.call('dial', { addr: one.addr(HERE) })
  await until('js knows js', async () => (await one.call('kadTable')).size > 0)
  const found = done(await dht(one.addr(HERE), 'peer', two.id), 'peer')
  expect(found.connected === true && found.addresses.length > 0, JSON.stringify(found))
  const ping = await run('ping', two.id, '-n', '1', '--listen', LISTEN, '--bootstrap', one.addr(HERE))
  expect(ping.code === 0, `ping: ${ping.code} ${ping.stderr}`)
})))
await check('closest: both name the servers and each other', () => withNode(server, async w => {
  await withPeer(js(), async peer => {
    await meet(peer, w)
    const named = await peer.call('kadClosest', { key: 'any key' })
    expect(JSON.stringify(named.peers).includes(w.peerId), JSON.stringify(named))
    let closest
    await until('the node knows js as a server', async () => {
      closest = done(await dht(w.addr(HERE), 'closest', 'any key'), 'closest')
      return closest.peers.length === 2
    })
    const ids = closest.peers.map(p => p.peerId)
    expect(ids.includes(peer.id) && ids.includes(w.peerId), JSON.stringify(ids))
  })
}))

await check('ours: js finds peers and the closest through a wherry node', () => withNode(server, async w => {
  const kad = { protocol: OURS }
  await withPeer(js({ kad }), async one => withPeer(js({ kad }), async two => {
    await meet(one, w); await meet(two, w)
    const found = await one.call('kadFindPeer', { peer: two.id })
    expect(found.peers.some(p => (p.id ?? p.peer) === two.id), JSON.stringify(found))
    const closest = await one.call('kadClosest', { key: 'any key' })
    expect(JSON.stringify(closest.peers).includes(w.peerId), JSON.stringify(closest))
  }))
}))
await check('ours: an unsigned put is refused, by js and by hand', () => withNode(server, async w => {
  await withPeer(js({ kad: { protocol: OURS } }), async peer => {
    await meet(peer, w)
    const put = await peer.call('kadPut', { key: '/test/unsigned', value: 'nobody signed this' }).catch(e => ({ errors: [String(e)], responses: [] }))
    expect(put.errors.length > 0 || !put.responses.some(r => r.from === w.peerId && r.type === 'PUT_VALUE'), `taken: ${JSON.stringify(put)}`)
    // PUT_VALUE with a key of 32 bytes and a record without signature or work
    const key = sha256('unsigned'); const value = Buffer.from('nobody signed this')
    const record = Buffer.concat([Buffer.from([0x0a, key.length]), key, Buffer.from([0x12, value.length]), value])
    const message = Buffer.concat([Buffer.from([0x08, 0, 0x12, key.length]), key, Buffer.from([0x1a, record.length]), record])
    const sent = Buffer.concat([Buffer.from([message.length]), message])
    const answer = await peer.call('raw', { peer: w.peerId, protocol: OURS, dataHex: sent.toString('hex') }).catch(e => ({ dataHex: '', how: String(e) }))
    expect(!(answer.dataHex ?? answer.data ?? '').includes(value.toString('hex')), `echoed: ${JSON.stringify(answer)}`)
    const got = await run('dht', 'get', key.toString('hex'), '--listen', LISTEN, '--bootstrap', w.addr(HERE))
    expect(got.code === 4, `found: ${got.code} ${JSON.stringify(got.events)}`)
  })
}))
await check('ours: what wherry puts is kept by a wherry node and got by another wherry', () => withNode(server, async w => {
  const ours = (...args) => run('dht', ...args, '--listen', LISTEN, '--bootstrap', w.addr(HERE))
  expect(done(await ours('put', 'greeting', 'hello'), 'stored').version === 1, 'the first version')
  const value = done(await ours('get', 'greeting'), 'value')
  expect(value.value === 'hello' && /^12D3Koo/.test(value.publisher), JSON.stringify(value))
}))
await check('a node of one network does not speak the other', () => withNode([...server, '--kad-protocol', OURS], async w => {
  await withPeer(js({ kad: [] }), async peer => {
    await peer.call('dial', { addr: w.addr(HERE) })
    const id = await peer.call('identify', { peer: w.peerId })
    expect(id.protocols.includes(OURS) && !id.protocols.includes(IPFS), id.protocols.join(' '))
  })
}))
await check('a client serves neither', () => withNode(['--listen', LISTEN], async w => {
  await withPeer(js({ kad: [] }), async peer => {
    await peer.call('dial', { addr: w.addr(HERE) })
    const id = await peer.call('identify', { peer: w.peerId })
    expect(!id.protocols.some(p => p.includes('/kad/')), id.protocols.join(' '))
  })
}))

finish()
