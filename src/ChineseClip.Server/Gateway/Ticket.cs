namespace ChineseClip.Server.Gateway;

/// <summary>One request that was let in: under which limit, when, and how long it may take to count as answered in time.</summary>
internal sealed class Ticket(AdaptiveLimit? limit, long enteredAt)
{
    public AdaptiveLimit? Limit => limit;

    public long EnteredAt => enteredAt;

    /// <summary>The caller's own limit; null until the request has been read.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Refused further in without being worked on: its time says nothing of what the server can do.</summary>
    public bool TellsNothing { get; set; }

    public static Ticket? Of(HttpContext context) => context.Features.Get<Ticket>();
}
