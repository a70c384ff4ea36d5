package marconi.standin;

import de.bwaldvogel.mongo.bson.Document;
import java.time.Instant;

/** The reply to {@code hello}, as a client of today expects it. */
final class Greeting {

    /** MongoDB 7.0: the server answers 8, which clients of today refuse. */
    private static final int WIRE_VERSION = 21;

    private Greeting() {
    }

    static Document complete(Document reply) {
        reply.put("isWritablePrimary", Boolean.TRUE);
        reply.put("helloOk", Boolean.TRUE);
        reply.put("maxWireVersion", WIRE_VERSION);
        reply.put("localTime", Instant.now());
        return reply;
    }
}
