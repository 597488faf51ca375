namespace ChineseClip.Server.Gateway;

/// <summary>One search that was let in: when, and how long it may take to count as answered in time.</summary>
internal sealed class SearchTicket(long enteredAt)
{
    public long EnteredAt => enteredAt;

    /// <summary>The caller's own limit; null until the request has been read.</summary>
    public TimeSpan? Timeout { get; set; }

    public static SearchTicket? Of(HttpContext context) => context.Features.Get<SearchTicket>();
}
