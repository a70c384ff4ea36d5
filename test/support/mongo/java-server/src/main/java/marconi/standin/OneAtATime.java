package marconi.standin;

import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import de.bwaldvogel.mongo.wire.message.MongoQuery;
import io.netty.channel.Channel;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Runs one command at a time, and gives replies that no later command can change. The server hands out the stored
 * documents themselves and encodes them after its lock is gone: a reply then shows what another command has done since.
 */
final class OneAtATime implements MongoBackend {

    private static final Set<String> GREETINGS = Set.of("hello", "ismaster");
    private static final Set<String> READS =
        Set.of("find", "getmore", "killcursors", "count", "distinct", "aggregate", "ping", "endsessions", "buildinfo",
            "listcollections", "listindexes", "listdatabases", "serverstatus", "collstats", "dbstats");

    private final MongoBackend backend;
    private final Runnable keep;

    /** @param keep makes what was written outlast this process; called before the reply of each write */
    OneAtATime(MongoBackend backend, Runnable keep) {
        this.backend = backend;
        this.keep = keep;
    }

    @Override
    public Document handleMessage(MongoMessage message) {
        Document query = message.getDocument();
        String command = query.keySet().iterator().next();
        return handleCommand(message.getChannel(), message.getDatabaseName(), command, query);
    }

    @Override
    public Document handleCommand(Channel channel, String database, String command, Document query) {
        if (GREETINGS.contains(command.toLowerCase())) {
            return Greeting.complete(backend.handleCommand(channel, database, "ismaster", query));
        }
        synchronized (this) {
            try {
                return WriteReply.corrected(command, query, ask -> backend.handleCommand(channel, database, command, ask))
                    .cloneDeeply();
            } finally {
                if (!READS.contains(command.toLowerCase())) {
                    keep.run();
                }
            }
        }
    }

    @Override
    public synchronized QueryResult handleQuery(MongoQuery query) {
        throw new UnsupportedOperationException("The driver finds by command.");
    }

    @Override
    public synchronized void handleClose(Channel channel) {
        backend.handleClose(channel);
    }

    @Override
    public synchronized void dropDatabase(String database) {
        backend.dropDatabase(database);
        keep.run();
    }

    @Override
    public Collection<Document> getCurrentOperations(MongoQuery query) {
        return backend.getCurrentOperations(query);
    }

    @Override
    public Document getServerStatus() {
        return backend.getServerStatus();
    }

    @Override
    public synchronized void close() {
        backend.close();
    }

    @Override
    public synchronized void closeCursors(List<Long> cursorIds) {
        backend.closeCursors(cursorIds);
    }

    @Override
    public Clock getClock() {
        return backend.getClock();
    }

    @Override
    public void enableOplog() {
        backend.enableOplog();
    }

    @Override
    public void disableOplog() {
        backend.disableOplog();
    }

    @Override
    public MongoDatabase resolveDatabase(String database) {
        return backend.resolveDatabase(database);
    }

    @Override
    public MongoBackend version(MongoVersion version) {
        backend.version(version);
        return this;
    }
}
