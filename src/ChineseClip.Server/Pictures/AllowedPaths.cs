using ChineseClip.Grains.Configuration;
using ChineseClip.Server.Errors;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Pictures;

/// <summary>Files callers may name: those under <c>Images:AllowedPathRoots</c> after every link is followed.</summary>
internal sealed class AllowedPaths(IOptions<ImageOptions> options)
{
    private const int MaxLinks = 40;
    private readonly string[] _roots = [.. options.Value.AllowedPathRoots.Select(root => Resolve(Path.GetFullPath(root)))];

    /// <summary>Gives the real path, or refuses; a relative one is looked for under each root.</summary>
    /// <remarks>What a refusal says does not depend on what lies outside the roots.</remarks>
    public string Require(string path)
    {
        if (_roots.Length == 0)
        {
            throw Forbidden("Pictures by path are not allowed; Images:AllowedPathRoots is empty.");
        }

        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            throw RequestException.Invalid("The path is empty or has a zero character.");
        }

        string root = Array.Find(_roots, root => File.Exists(Path.Combine(root, path))) ?? _roots[0];
        string real = Resolve(Path.GetFullPath(path, root));
        return IsUnderRoot(real)
            ? real
            : throw Forbidden($"The path '{path}' is not under one of Images:AllowedPathRoots.");
    }

    private bool IsUnderRoot(string path) => Array.Exists(
        _roots,
        root => path.StartsWith(root, StringComparison.Ordinal)
            && (path.Length == root.Length || root[^1] == Path.DirectorySeparatorChar
                || path[root.Length] == Path.DirectorySeparatorChar));

    /// <summary>Follows the links of every folder on the way, not only the last.</summary>
    private static string Resolve(string path)
    {
        string real = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Parts(path).Reverse());
        int links = 0;
        while (rest.TryPop(out string? part))
        {
            string next = Path.Combine(real, part);
            string? target = LinkTarget(next);
            if (target is null)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw Forbidden($"The path has more than {MaxLinks} links.");
            }

            string full = Path.GetFullPath(target, real);
            real = Path.GetPathRoot(full)!;
            foreach (string targetPart in Parts(full).Reverse())
            {
                rest.Push(targetPart);
            }
        }

        return real;
    }

    private static string[] Parts(string path) => path[Path.GetPathRoot(path)!.Length..]
        .Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static RequestException Forbidden(string message) => new(ErrorCode.Forbidden, message);
}
