#include "server/http.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>

namespace headrace::server {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using tcp = net::ip::tcp;
using net::redirect_error;
using net::use_awaitable;

constexpr size_t kHeaderLimit = 16 << 10;
constexpr size_t kMostWaiting = 16 << 20;  // bytes for one slow client

std::chrono::milliseconds ms(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

// The queue between whoever answers and the coroutine that writes.
class Channel final : public Exchange, public std::enable_shared_from_this<Channel> {
 public:
  struct Item {
    enum class Kind { kReply, kBegin, kBytes, kEnd };
    Kind kind = Kind::kEnd;
    Reply reply;
    std::string bytes;
  };

  Channel(net::any_io_executor executor, tcp::socket& socket)
      : executor_(executor),
        socket_(socket),
        bell_(executor, net::steady_timer::time_point::max()) {}

  void reply(Reply reply) override { push({Item::Kind::kReply, std::move(reply), {}}); }
  void begin(Reply head) override { push({Item::Kind::kBegin, std::move(head), {}}); }
  void send(std::string bytes) override { push({Item::Kind::kBytes, {}, std::move(bytes)}); }
  void end() override { push({Item::Kind::kEnd, {}, {}}); }
  bool gone() const override { return gone_; }

  void leave() {
    gone_ = true;
    std::lock_guard lock(mutex_);
    items_.clear();
    waiting_ = 0;
  }

  // The next item, in order; waits for it. Nothing when the client is too slow. On the server's
  // thread.
  net::awaitable<std::optional<Item>> next() {
    while (true) {
      {
        std::lock_guard lock(mutex_);
        if (waiting_ > kMostWaiting) co_return std::nullopt;
        if (!items_.empty()) {
          Item item = std::move(items_.front());
          items_.pop_front();
          waiting_ -= item.bytes.size();
          co_return item;
        }
      }
      error_code ignored;
      bell_.expires_after(std::chrono::milliseconds(250));
      co_await bell_.async_wait(redirect_error(use_awaitable, ignored));
      if (has_hung_up()) co_return std::nullopt;
    }
  }

 private:
  // Whether the client closed its side while it waits for the answer: nothing is to be computed for
  // it any more. What it sent beforehand stays to be read.
  bool has_hung_up() {
    char byte;
    return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }

  void push(Item item) {
    if (gone_) return;
    {
      std::lock_guard lock(mutex_);
      waiting_ += item.bytes.size();
      items_.push_back(std::move(item));
    }
    net::post(executor_, [self = shared_from_this()] { self->bell_.cancel(); });
  }

  net::any_io_executor executor_;
  tcp::socket& socket_;  // used by next() alone, which its owner awaits
  net::steady_timer bell_;
  std::mutex mutex_;
  std::deque<Item> items_;
  size_t waiting_ = 0;
  std::atomic<bool> gone_ = false;
};

struct Shared {
  const HttpOptions& options;
  const Handler& handler;
  size_t connections = 0;
};

std::string header(const http::request<http::string_body>& request, http::field field) {
  const auto value = request[field];
  return {value.data(), value.size()};
}

Request to_request(http::request<http::string_body>&& from) {
  Request to;
  const std::string target(from.target().data(), from.target().size());
  const size_t mark = target.find('?');
  to.path = target.substr(0, mark);
  if (mark != std::string::npos) to.query = target.substr(mark + 1);
  to.method = std::string(from.method_string().data(), from.method_string().size());
  to.host = header(from, http::field::host);
  to.origin = header(from, http::field::origin);
  to.if_none_match = header(from, http::field::if_none_match);
  to.accept_encoding = header(from, http::field::accept_encoding);
  to.authorization = header(from, http::field::authorization);
  const auto site = from["Sec-Fetch-Site"];
  to.site = std::string(site.data(), site.size());
  to.body = std::move(from.body());
  return to;
}

template <class Body>
void set_head(http::response<Body>& response, const Reply& reply, bool keep_alive) {
  response.result(reply.status);
  response.set(http::field::content_type, reply.type);
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  for (const auto& [name, value] : reply.headers) response.set(name, value);
  response.keep_alive(keep_alive);
}

// Writes one answer. False: the connection is of no more use.
class Writer {
 public:
  Writer(beast::tcp_stream& stream, Shared& shared, bool keep_alive, bool head_only)
      : stream_(stream), shared_(shared), keep_alive_(keep_alive), head_only_(head_only) {}

  net::awaitable<bool> write(Channel& channel) {
    bool streaming = false;
    while (true) {
      auto item = co_await channel.next();
      if (!item) co_return false;
      error_code ec;
      stream_.expires_after(ms(shared_.options.write_seconds));
      switch (item->kind) {
        case Channel::Item::Kind::kReply:
          co_return co_await whole(item->reply);
        case Channel::Item::Kind::kBegin: {
          http::response<http::empty_body> head;
          head.version(11);
          set_head(head, item->reply, keep_alive_);
          head.chunked(true);
          http::response_serializer<http::empty_body> serializer(head);
          co_await http::async_write_header(stream_, serializer, redirect_error(use_awaitable, ec));
          streaming = true;
          if (!ec && !item->reply.body.empty()) ec = co_await chunk(item->reply.body);
          break;
        }
        case Channel::Item::Kind::kBytes:
          if (streaming && !item->bytes.empty()) ec = co_await chunk(item->bytes);
          break;
        case Channel::Item::Kind::kEnd:
          if (!streaming) co_return false;
          co_await net::async_write(stream_, http::make_chunk_last(),
                                    redirect_error(use_awaitable, ec));
          co_return !ec && keep_alive_;
      }
      if (ec) co_return false;
    }
  }

  net::awaitable<bool> whole(const Reply& reply) {
    http::response<http::string_body> response;
    response.version(11);
    set_head(response, reply, keep_alive_);
    response.content_length(reply.body.size());
    if (!head_only_) response.body() = reply.body;
    error_code ec;
    stream_.expires_after(ms(shared_.options.write_seconds));
    if (head_only_) {
      http::response_serializer<http::string_body> serializer(response);
      co_await http::async_write_header(stream_, serializer, redirect_error(use_awaitable, ec));
    } else {
      co_await http::async_write(stream_, response, redirect_error(use_awaitable, ec));
    }
    co_return !ec && keep_alive_;
  }

 private:
  net::awaitable<error_code> chunk(const std::string& bytes) {
    error_code ec;
    co_await net::async_write(stream_, http::make_chunk(net::buffer(bytes)),
                              redirect_error(use_awaitable, ec));
    co_return ec;
  }

  beast::tcp_stream& stream_;
  Shared& shared_;
  bool keep_alive_, head_only_;
};

Reply plain(unsigned status, std::string text) { return {status, "text/plain", text + "\n", {}}; }

// What to say about a request that cannot be read; a status of 0: nothing, just close.
unsigned status_of(const error_code& ec) {
  if (ec == http::error::body_limit) return 413;
  if (ec == http::error::header_limit) return 431;
  if (ec == http::error::end_of_stream || ec == http::error::partial_message) return 0;
  if (ec == beast::error::timeout) return 0;
  return ec.category() == make_error_code(http::error::bad_method).category() ? 400 : 0;
}

net::awaitable<void> converse(beast::tcp_stream& stream, Shared& shared) {
  beast::flat_buffer buffer;
  while (true) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(shared.options.body_limit);
    parser.header_limit(kHeaderLimit);
    error_code ec;
    stream.expires_after(ms(shared.options.read_seconds));
    co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, ec));
    if (ec) {
      if (const unsigned status = status_of(ec)) {
        Writer writer(stream, shared, false, false);
        co_await writer.whole(plain(status, "the request cannot be read: " + ec.message()));
      }
      co_return;
    }
    const bool keep_alive = parser.get().keep_alive();
    const bool head_only = parser.get().method() == http::verb::head;
    const auto channel = std::make_shared<Channel>(stream.get_executor(), stream.socket());
    shared.handler(to_request(parser.release()), channel);
    Writer writer(stream, shared, keep_alive, head_only);
    const bool more = co_await writer.write(*channel);
    channel->leave();
    if (!more) co_return;
  }
}

net::awaitable<void> session(beast::tcp_stream stream, Shared& shared) {
  ++shared.connections;
  if (shared.connections > shared.options.most_connections) {
    Writer writer(stream, shared, false, false);
    co_await writer.whole(plain(503, "too many connections"));
  } else {
    try {
      co_await converse(stream, shared);
    } catch (const std::exception&) {
      // One broken conversation ends nobody else's.
    }
  }
  --shared.connections;
  error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
}

net::awaitable<void> listen(tcp::acceptor& acceptor, Shared& shared) {
  while (true) {
    error_code ec;
    tcp::socket socket = co_await acceptor.async_accept(redirect_error(use_awaitable, ec));
    if (ec == net::error::operation_aborted) co_return;
    if (ec) {  // out of file descriptors and the like: a short rest, then on
      net::steady_timer rest(acceptor.get_executor(), std::chrono::milliseconds(50));
      co_await rest.async_wait(redirect_error(use_awaitable, ec));
      continue;
    }
    socket.set_option(tcp::no_delay(true), ec);
    net::co_spawn(acceptor.get_executor(), session(beast::tcp_stream(std::move(socket)), shared),
                  net::detached);
  }
}

net::awaitable<void> watch(net::io_context& context, tcp::acceptor& acceptor,
                           const HttpOptions& options) {
  for (int count = 1;; ++count) {
    net::steady_timer timer(context, std::chrono::milliseconds(100));
    error_code ignored;
    co_await timer.async_wait(redirect_error(use_awaitable, ignored));
    if (options.stop && *options.stop) {
      error_code closed;
      acceptor.close(closed);
      context.stop();
      co_return;
    }
    if (options.tick && count % 5 == 0) options.tick();
  }
}

error_code open_at(tcp::acceptor& acceptor, const net::ip::address& address, uint16_t port) {
  error_code ec;
  const tcp::endpoint endpoint(address, port);
  if (acceptor.is_open()) acceptor.close(ec);
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(net::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(net::socket_base::max_listen_connections, ec);
  return ec;
}

}  // namespace

base::Result<void> serve_http(const HttpOptions& options, const Handler& handler) {
  net::io_context context(1);
  error_code ec;
  const auto address = net::ip::make_address(options.host, ec);
  if (ec) {
    return base::fail(base::Error::Kind::kUsage,
                      fmt::format("'{}' is not an address such as 127.0.0.1", options.host));
  }
  tcp::acceptor acceptor(context);
  ec = open_at(acceptor, address, options.port);
  for (unsigned step = 1; ec && step <= options.walk && options.port + step < 65536; ++step) {
    ec = open_at(acceptor, address, static_cast<uint16_t>(options.port + step));
  }
  if (ec && options.walk > 0) ec = open_at(acceptor, address, 0);
  if (ec) {
    return base::fail(
        base::Error::Kind::kIo,
        fmt::format("cannot listen at {} port {}: {}", options.host, options.port, ec.message()));
  }
  Shared shared{options, handler};
  net::co_spawn(context, listen(acceptor, shared), net::detached);
  net::co_spawn(context, watch(context, acceptor, options), net::detached);
  if (options.ready) options.ready(acceptor.local_endpoint().port());
  context.run();
  if (options.closing) options.closing();
  context.restart();
  context.run_for(std::chrono::milliseconds(50));  // the goodbyes
  return {};
}

}  // namespace headrace::server
