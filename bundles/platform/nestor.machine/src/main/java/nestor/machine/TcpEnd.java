// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import nestor.api.machine.Console;

/**
 * A console on a TCP port of the loopback interface, one caller at a time. The first caller is sent
 * what the guest has said so far.
 */
final class TcpEnd implements Closeable {
  private final ConsolePort port;
  private final ServerSocket server;
  private volatile Socket caller;

  TcpEnd(ConsolePort port, int number) throws IOException {
    this.port = port;
    this.server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), number));
    Thread.ofPlatform().daemon().name("nestor-tcp-" + port.device()).start(this::serve);
  }

  private void serve() {
    boolean first = true;
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        caller = socket;
        socket.setTcpNoDelay(true);
        try (Console.Connection _ = port.connect(socket.getOutputStream(), first, true)) {
          first = false;
          forwardInput(socket.getInputStream());
        }
      } catch (IOException e) {
        // The caller hung up or the server was closed; wait for the next caller, if any.
      }
    }
  }

  private void forwardInput(InputStream in) throws IOException {
    byte[] bytes = new byte[1024];
    for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
      port.type(Arrays.copyOf(bytes, count));
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Socket socket = caller;
    if (socket != null) {
      socket.close();
    }
  }
}
