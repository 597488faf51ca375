using System.Globalization;
using System.Text;

namespace ChineseClip.Cli.Load;

/// <summary>What must be known of an answer's head to find its end.</summary>
internal readonly record struct AnswerHead(int Status, long ContentLength, bool IsChunked, bool Closes)
{
    /// <exception cref="IOException">It is not the head of an HTTP/1.1 answer.</exception>
    public static AnswerHead Read(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 "u8)
            || head.Length < 12
            || !int.TryParse(head[9..12], NumberStyles.None, CultureInfo.InvariantCulture, out int status))
        {
            throw new IOException($"The answer begins with '{Encoding.ASCII.GetString(head[..Math.Min(40, head.Length)])}'; must be HTTP/1.1.");
        }

        long length = 0;
        bool isChunked = false;
        bool closes = false;
        foreach (Range range in head.Split("\r\n"u8))
        {
            ReadOnlySpan<byte> line = head[range];
            int colon = line.IndexOf((byte)':');
            if (colon <= 0)
            {
                continue;
            }

            ReadOnlySpan<byte> value = line[(colon + 1)..].Trim((byte)' ');
            if (Ascii.EqualsIgnoreCase(line[..colon], "Content-Length"u8))
            {
                length = long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);
            }
            else if (Ascii.EqualsIgnoreCase(line[..colon], "Transfer-Encoding"u8))
            {
                isChunked = Ascii.EqualsIgnoreCase(value, "chunked"u8);
            }
            else if (Ascii.EqualsIgnoreCase(line[..colon], "Connection"u8))
            {
                closes = Ascii.EqualsIgnoreCase(value, "close"u8);
            }
        }

        return new AnswerHead(status, length, isChunked, closes);
    }
}
