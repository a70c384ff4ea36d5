package marconi.standin;

import de.bwaldvogel.mongo.MongoServer;
import java.net.InetSocketAddress;

/** Serves one backend on the loopback: {@code Main PORT memory} or {@code Main PORT h2 FILE}. */
public final class Main {

    private static final String HOST = "127.0.0.1";

    /** As many commands wait for the one lock without keeping others' sockets from being read. */
    private static final int WORKERS = 32;

    private Main() {
    }

    public static void main(String[] args) {
        int port = Integer.parseInt(args[0]);
        MongoServer server = new MongoServer(open(args));
        server.bind(new InetSocketAddress(HOST, port), 1, WORKERS);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    }

    private static OneAtATime open(String[] args) {
        if (args[1].equals("memory")) {
            return new OneAtATime(new MemoryStore(), () -> { });
        }
        FileStore store = new FileStore(args[2]);
        return new OneAtATime(store, store::commit);
    }
}
