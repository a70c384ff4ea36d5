"""What the server refuses."""

from google.rpc import error_details_pb2, status_pb2


class MarconiError(Exception):
    """A refused call or post: `reason` is one of proto/marconi/v1/errors.proto, empty where there is none."""

    def __init__(self, status):
        super().__init__(status.message)
        self.code, self.reason, self.info, self.retry_after = status.code, "", {}, 0.0
        for detail in status.details:
            if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
                info = error_details_pb2.ErrorInfo.FromString(detail.value)
                self.reason, self.info = info.reason, dict(info.metadata)
            elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
                retry = error_details_pb2.RetryInfo.FromString(detail.value)
                self.retry_after = retry.retry_delay.ToTimedelta().total_seconds()

    @classmethod
    def of(cls, envelope):
        """What an ERROR says."""
        return cls(status_pb2.Status.FromString(envelope.payload))

    def __str__(self):
        return f"{self.reason or self.code}: {super().__str__()}"
